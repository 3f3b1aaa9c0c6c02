"""mcp: the tools of the server, for agents that start a program and speak to it over stdin and stdout."""

import typer

from kanban_cli import context
from kanban_cli.options import command

app = typer.Typer()


@command(app, examples=["kanban mcp -u planner", "kanban mcp -u coder -b 2 --url http://127.0.0.1:8000"])
def mcp() -> None:
    """Connect an agent, over stdin and stdout, to the server's tools at /mcp (Model Context Protocol).

    It acts as -u or KANBAN_USER, on the board of -b or KANBAN_BOARD. It starts no server.
    """
    from kanban_cli.bridge import run

    headers = context.headers() | {"X-Kanban-Client": "mcp"}
    run(context.url(), headers, board=context.setting("board"))
