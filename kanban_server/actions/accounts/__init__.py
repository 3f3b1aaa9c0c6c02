"""Actions on users, their tokens and invites, and on the members of boards."""
