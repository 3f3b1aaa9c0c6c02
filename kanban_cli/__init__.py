"""The command line: the SDK, spoken from a shell."""
