"""HTTP and WebSocket in and out: decode, call one action, encode."""
