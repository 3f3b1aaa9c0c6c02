"""The server: the one place where boards change."""

__version__ = "0.2.0"
