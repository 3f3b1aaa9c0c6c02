"""`kanban ask --to` and `kanban withdraw`."""

from __future__ import annotations

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell


def test_a_question_is_asked_named_and_withdrawn(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("Region", board=own.id).id
    output = kanban.ok("ask", ticket, "Which one?", "--to", "zoe")
    assert output.rows[0][-1] == "asks zoe"
    assert ["asks", "zoe"] in kanban.ok("show", ticket).rows
    assert "to zoe" in kanban.ok("why", ticket).rows[0][3]
    assert kanban.ok("withdraw", ticket, "-m", "Decided.").rows[0][2] == "question withdrawn"
    assert sdk.tickets.get(ticket).open_question is None
    assert kanban.ok("withdraw", ticket).rows[0][2] == "no question is open"
