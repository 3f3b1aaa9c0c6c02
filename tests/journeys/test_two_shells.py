"""The thin thread through every room: what one shell does, another shell's watch shows."""

from __future__ import annotations

import json
import subprocess
import sys

from kanban_sdk import Board
from tests.support.servers import Server, clean_environment


def test_a_move_in_one_shell_is_seen_by_a_watch_in_another(server: Server, board: Board) -> None:
    env = clean_environment(KANBAN_URL=server.url, KANBAN_BOARD=str(board.id), KANBAN_USER="ada")
    kanban = [sys.executable, "-m", "kanban_cli"]
    with subprocess.Popen([*kanban, "watch", "--after", "0"], env=env, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline())["event"] == "board_created"

        added = subprocess.run([*kanban, "add", "Say hello", "--json"], env=env, capture_output=True, check=True)
        ticket = json.loads(added.stdout)
        subprocess.run([*kanban, "move", str(ticket["id"]), "done"], env=env, check=True)

        seen = [json.loads(watch.stdout.readline()) for _ in range(2)]
        watch.terminate()
    assert [event["event"] for event in seen] == ["ticket_created", "ticket_moved"]
    assert seen[1]["data"]["to_column"] == "Done"
    assert seen[1]["actor"] == "ada"
    assert [event["seq"] for event in seen] == [2, 3]
