"""The tools of MCP for programs that are agents: typed functions, and adapters for the libraries of agents.

The server runs them (it needs its extra `mcp`), so that a tool does the same here as over MCP. Who acts is the client's
user, and never an argument.

>>> async with AsyncKanban.from_env() as kanban:
...     tools = AsyncTools(kanban, board=1)
...     claimed = await tools.ticket_next(labels=["ui"])
"""

from kanban_sdk.tools.answers import ToolAnswer as ToolAnswer
from kanban_sdk.tools.bound import AsyncTools as AsyncTools
from kanban_sdk.tools.bound import Tools as Tools
