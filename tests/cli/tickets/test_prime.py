"""`kanban prime`, at most 1,536 bytes for any board, and `kanban` alone, which shows the status."""

from __future__ import annotations

import json

from kanban_sdk import Board, Kanban
from tests.cli.test_hostile import FORBIDDEN, HOSTILE, TEXT
from tests.cli.tickets.test_claims import add
from tests.support.cli import Shell
from tests.support.servers import free_port

MOST = 1536


def test_prime_prints_what_an_agent_needs(kanban: Shell, sdk: Kanban, own: Board) -> None:
    me = f"me-{own.id}"
    one, two, three = add(sdk, own, "One", "Two", "Three")
    sdk.tickets.edit(two, priority="high")
    sdk.comments.add(three, f"@{me} look at this")
    with Kanban(sdk.url, me) as other, other.watch(own.id) as stream:
        other.tickets.claim(one)
        stream.connect()
        output = kanban.ok("prime", KANBAN_USER=me, KANBAN_LEASE="1.99").out
    lines = output.splitlines()
    assert f"You are {me}." in lines
    assert f"Warning: {me} is connected elsewhere too (sdk). If that is not you, take another name." in lines
    assert f"- {one} One  lease {one}.1 (29m left)" in lines
    header = lines.index("2 of 2 ready, 0 wait, 1 held; next gives them in this order:")
    assert lines[header:][1:3] == [f"- {two} high Two", f"- {three} medium Three"]
    assert f"- {three} ada: @{me} look at this" in lines
    assert "kanban next --wait  # " in output
    document = kanban.ok("prime", "--json", "-u", me, "-b", own.id).json
    assert (document["user"], document["holds"]["items"][0]["lease"], document["elsewhere"]) == (me, f"{one}.1", None)
    assert document["commands"]["take"] == f"kanban next --wait -b {own.id} -u {me}"


def test_a_held_ticket_that_waits_for_a_reply_is_told_as_such(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (ticket,) = add(sdk, own, "One")
    sdk.tickets.claim(ticket)
    sdk.tickets.ask(ticket, "@zoe which one?")
    assert f"- {ticket} One  lease {ticket}.1 (29m left)  waits for a reply\n" in kanban.ok("prime").out
    assert kanban.ok("prime", "--json").json["holds"]["items"][0]["waits_for_reply"] is True
    status = kanban.ok()
    assert ["held", f"{ticket} One  lease {ticket}.1 (29m left)  waits for a reply"] in status.rows
    assert ["counts", "1 held (1 of them wait for a reply), 0 ready, 0 unread"] in status.rows
    assert sdk.boards.next_ticket(own.id).held == 1
    sdk.tickets.withdraw(ticket)
    assert "waits for a reply" not in kanban.ok("prime").out


def test_prime_lists_what_is_ready_in_the_order_in_which_next_gives_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    me = f"me-{own.id}"
    sdk.boards.edit_column(own.id, own.column_settings[2].id, role="todo")
    for number, (priority, column, assignee) in enumerate(
        [
            ("low", "Not Started", None),
            ("high", "Blocked", None),
            ("medium", "Not Started", me),
            ("high", "Not Started", "bob"),
            ("2.5", "Blocked", me),
            ("high", "Not Started", None),
        ]
    ):
        sdk.tickets.create(f"t{number}", board=own.id, priority=priority, column=column, assignee=assignee)
    listed = [item["id"] for item in kanban.ok("prime", "--json", "-u", me).json["ready"]["items"]]
    assert len(listed) == 5
    assert [kanban.ok("next", "--json", "-u", me).json["ticket"]["id"] for _ in listed] == listed


def test_prime_prints_nothing_without_a_server_or_a_board(kanban: Shell) -> None:
    for settings in ({"KANBAN_URL": f"http://127.0.0.1:{free_port()}"}, {"KANBAN_BOARD": ""}, {"KANBAN_BOARD": "none"}):
        assert kanban.ok("prime", **settings).out == ""


def test_prime_is_short_and_escaped_for_any_content(kanban: Shell, sdk: Kanban) -> None:
    loud = "\U0001f480\u202e" * 30
    board = sdk.boards.create(loud, columns=[f"{'é' * 40} {name}" for name in ("todo", "work", "wait", "done")]).id
    me = "\U0001f480" * 60 + str(board)
    sdk.boards.edit(board, review=True)
    tickets = [sdk.tickets.create(HOSTILE + loud, board=board, priority="1.000000").id for _ in range(20)]
    with Kanban(sdk.url, me) as other, other.watch(board) as stream:
        stream.connect()
        for ticket in tickets[:10]:
            other.tickets.claim(ticket)
            sdk.comments.add(ticket, f'@"{me}" {TEXT}{"x" * 60_000}')
        outputs = [kanban.ok("prime", *flags, "-u", me, "-b", board).out for flags in ([], ["--json"])]
        outputs.append(kanban.terminal("prime", KANBAN_USER=me, KANBAN_BOARD=str(board)))
        outputs.append(kanban.ok(KANBAN_USER=me, KANBAN_BOARD=str(board)).out)
    assert json.loads(outputs[1])["holds"]["total"] == 10
    for output in outputs:
        assert not [bad for bad in FORBIDDEN if bad in output and bad != "💀"]
        assert not [line for line in output.splitlines() if line.startswith("forged")]
    assert max(len(output.encode()) for output in outputs[:3]) <= MOST
    assert "Rules:" in outputs[0]


def test_kanban_alone_shows_the_board_or_the_next_command(kanban: Shell, sdk: Kanban, own: Board) -> None:
    one, two = add(sdk, own, "One", "Two")
    sdk.tickets.claim(one)
    result = kanban.ok()
    assert ["columns", "Not Started 1 · In Progress 1 · Blocked 0 · Ready for QC 0 · Done 0"] in result.rows
    assert ["held", f"{one} One  lease {one}.1 (29m left)"] in result.rows
    assert ["ready", f"{two} medium Two"] in result.rows
    assert result.out.splitlines()[-1].startswith("next: kanban next | ")
    assert kanban.ok("--json").json["counts"]["In Progress"] == 1
    assert ["board", f"{own.id} {own.name}, 2 tickets"] in kanban.ok(KANBAN_BOARD="").rows
    nowhere = kanban(KANBAN_URL=f"http://127.0.0.1:{free_port()}")
    assert (nowhere.code, nowhere.err.splitlines()[1]) == (8, "  next: kanban up")
