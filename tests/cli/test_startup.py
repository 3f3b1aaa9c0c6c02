"""A command starts quickly: it loads only what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

HEAVY = {
    *("httpx", "pydantic", "fastapi", "sqlalchemy", "rich", "websockets", "asyncio", "annotated_types", "ssl"),
    *("dateparser", "jq"),
}
CODE = """
import os, sys
from kanban_cli import main
def exit_process(code):
    print(*sys.modules, file=sys.stderr)
    os._exit(code)
main.exit_process = exit_process
sys.argv = ["kanban", *sys.argv[1:]]
main.run()
"""


@pytest.mark.parametrize("typed", ["next", "prime", "move TICKET Done", "edit TICKET -p high"])
def test_a_command_loads_nothing_heavy(kanban: Shell, sdk: Kanban, own: Board, typed: str) -> None:
    ticket = sdk.tickets.create("x", board=own.id).id
    command = [sys.executable, "-c", CODE, *typed.replace("TICKET", str(ticket)).split()]
    result = subprocess.run(command, capture_output=True, text=True, env=kanban.settings())
    assert result.returncode == 0
    loaded = set(result.stderr.split())
    assert "kanban_sdk.transport.blocking" in loaded
    assert HEAVY & loaded == set()
