"""What a session remembers between two commands."""
