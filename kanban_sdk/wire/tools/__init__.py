"""The tools that agents work with: what each takes and gives. The server serves them over MCP, the SDK calls them."""
