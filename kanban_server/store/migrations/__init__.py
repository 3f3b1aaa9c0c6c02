"""How a database came to be what it is, step by step."""

HEAD = "0017"
"""The newest step. A test holds it to what stands in `versions`."""
