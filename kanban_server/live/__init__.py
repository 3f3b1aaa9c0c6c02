"""Live delivery: how changes reach subscribers, on this instance and on others."""
