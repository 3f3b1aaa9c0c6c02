"""Who needs to hear of a change, and how they come by it."""
