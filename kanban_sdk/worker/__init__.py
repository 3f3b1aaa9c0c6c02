"""Workers: a loop that claims the tickets of a board, and runs a handler for each."""
