"""ASGI middleware: access log, rate limits, origins."""
