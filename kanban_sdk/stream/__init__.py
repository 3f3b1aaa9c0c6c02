"""Watching a board: its events, a mirror of it, and waits that need no polling."""
