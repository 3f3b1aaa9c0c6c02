"""mcp: the server's tools for agents that start a program and use its stdin and stdout."""

import typer

from kanban_cli import invocation
from kanban_cli.options import command

app = typer.Typer()


@command(app, examples=["kanban mcp -u planner", "kanban mcp -u coder -b 2 --url http://127.0.0.1:8000"])
def mcp() -> None:
    """Connect an agent, over stdin and stdout, to the server's tools at /mcp (Model Context Protocol).

    It acts as -u or KANBAN_USER, on the board of -b or KANBAN_BOARD. It starts no server.
    """
    from kanban_cli.mcp_bridge import run_bridge

    headers = invocation.request_headers() | {"X-Kanban-Client": "mcp"}
    run_bridge(invocation.server_url(), headers, board=invocation.get_setting("board"))
