"""The HTTP transport: routes, middleware, responses and server-sent events."""
