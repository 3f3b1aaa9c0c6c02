"""Request handling shared by HTTP, WebSocket and MCP: authentication, actors, problems, execution."""
