"""The server itself: serve."""

import os
import sys
from typing import Annotated

import typer

app = typer.Typer()


@app.command(name="serve")
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen at (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="The port (default 8000; 0 takes a free one).")] = None,
    database: Annotated[str | None, typer.Option(help="A file, or postgresql://USER@HOST/NAME.")] = None,
    redis: Annotated[str | None, typer.Option(help="redis://HOST:PORT/N")] = None,
    open: Annotated[
        bool, typer.Option("--open", help="Listen beyond loopback although anybody may then write.")
    ] = False,
) -> None:
    """Start a server."""
    given = {"--host": host, "--port": port, "--database": database, "--redis": redis}
    flags = [part for flag, value in given.items() if value is not None for part in (flag, str(value))]
    os.execv(sys.executable, [sys.executable, "-m", "kanban_server", *flags, *(["--open"] if open else [])])
