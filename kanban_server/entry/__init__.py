"""What HTTP, WebSocket and MCP share on the way in: authentication, actors, problems, execution."""
