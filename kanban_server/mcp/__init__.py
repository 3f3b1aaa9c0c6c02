"""The MCP endpoint: tools and resources for agents."""
