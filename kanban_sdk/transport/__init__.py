"""How requests reach a server and come back: connections, retries, TLS."""
