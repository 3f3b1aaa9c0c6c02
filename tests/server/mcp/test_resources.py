"""The resources that an agent reads: the summary at the start, and boards."""

from __future__ import annotations

import pytest

from kanban_sdk import Board, Kanban
from tests.support.mcp import Agent


def test_the_resources_tell_what_one_needs_to_begin(ada: Agent, kanban: Kanban, board: Board) -> None:
    for n in range(9):
        kanban.tickets.create(f"{n} " + "tü" * 99, board=board.id)
    held = ada("ticket_next")["ticket"]
    assert {"kanban://prime", "kanban://board/1"} <= set(ada.resources())  # of many boards, the oldest are listed
    prime = ada.read("kanban://prime")
    assert len(prime.encode()) <= 2048
    assert prime.startswith(f"you: ada\nboard: {board.id}\n")
    assert f" | {held['lease']} | " in prime
    assert "ready_total: 8" in prime
    whole = ada.read(f"kanban://board/{board.id}")
    assert whole.count("tütü") > 9
    assert "shown: 9\ntotal: 9" in whole
    for missing in ("kanban://board/9007199254740991", "kanban://other", "file:///etc/passwd"):
        with pytest.raises(Exception, match="There is no"):
            ada.read(missing)
