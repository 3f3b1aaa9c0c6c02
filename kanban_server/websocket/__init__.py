"""The WebSocket transport: connections, subscriptions, messages."""
