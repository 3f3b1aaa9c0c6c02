"""The HTTP routes, a file a noun."""
