"""Sending requests and receiving responses: connections, retries, TLS."""
