"""Send what was read from a file to a board, and report it."""
