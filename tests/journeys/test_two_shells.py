"""A change made in one shell appears in the watch of another shell."""

from __future__ import annotations

import json
import subprocess
import sys

from kanban_sdk import Board
from tests.support.servers import Server, clean_environment


def test_a_watch_in_one_shell_prints_a_move_made_in_another(server: Server, board: Board) -> None:
    env = clean_environment(KANBAN_URL=server.url, KANBAN_BOARD=str(board.id), KANBAN_USER="ada")
    kanban = [sys.executable, "-m", "kanban_cli"]
    with subprocess.Popen([*kanban, "watch", "--after", "0"], env=env, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        assert json.loads(watch.stdout.readline())["event"] == "board_created"

        added = subprocess.run([*kanban, "add", "Say hello", "--json"], env=env, capture_output=True, check=True)
        ticket = json.loads(added.stdout)
        subprocess.run([*kanban, "move", str(ticket["id"]), "done"], env=env, check=True)

        events = [json.loads(watch.stdout.readline()) for _ in range(2)]
        watch.terminate()
    assert [event["event"] for event in events] == ["ticket_created", "ticket_moved"]
    assert events[1]["data"]["to_column"] == "Done"
    assert events[1]["actor"] == "ada"
    assert [event["seq"] for event in events] == [2, 3]
