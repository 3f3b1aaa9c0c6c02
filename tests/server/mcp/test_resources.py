"""The resources that an agent reads: the summary at the start, boards, and the files of tickets."""

from __future__ import annotations

import pytest

from kanban_sdk import Board, Kanban
from tests.support.mcp import Agent
from tests.support.pictures import decode, picture


def test_an_agent_reads_the_files_of_a_ticket(ada: Agent, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("With files", board=board.id).id
    for name, content in (("build log.txt", b"failed\xe2\x80\xae here"), ("shot.png", picture("png"))):
        kanban.files.attach(ticket, content, name=name)
    kanban.files.attach(ticket, b"x" * 1_100_000, name="huge.txt")
    assert ada("ticket_get", ticket=ticket)["files"] == ["build log.txt", "shot.png", "huge.txt"]
    prefix = f"kanban://ticket/{ticket}/files"
    assert ada.read(f"{prefix}/build%20log.txt") == "failed\\u202e here", "a model would read what nobody sees"
    assert decode(ada.read_blob(f"{prefix}/shot.png")).size == (60, 40)
    for wrong, reason in (("huge.txt", "are the most"), ("no.txt", "There is no")):
        with pytest.raises(Exception, match=reason):
            ada.read(f"{prefix}/{wrong}")


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
