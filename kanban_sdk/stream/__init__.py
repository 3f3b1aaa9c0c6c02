"""Following a board: its events, a mirror of it, and waits without polling."""
