"""`kanban next` waits in the order of asking, says when to stop, and keeps a claim for the session that made it."""

from __future__ import annotations

import json
import re
import stat

from kanban_sdk import Board, Kanban
from tests.cli.test_errors import next_of
from tests.support.cli import Shell
from tests.support.servers import Server


def new(sdk: Kanban, board: Board, *titles: str) -> list[int]:
    return [sdk.tickets.create(title, board=board.id).id for title in titles]


def test_next_waits_for_a_ticket_or_for_a_reply(kanban: Shell, sdk: Kanban, own: Board, sqlite: Server) -> None:
    first, second = new(sdk, own, "First", "Second")
    sdk.tickets.edit(second, blocked_by=[first])
    bob = sqlite.kanban("bob")
    bob.tickets.claim(first)
    with kanban.running("next", "--wait", "--timeout", "60s") as wait:
        bob.tickets.done(first, note="The key is in the vault.")
        assert wait.stdout is not None
        stdout = wait.stdout.read()
        assert wait.wait(timeout=20) == 0
    assert f"id\t{second}\n" in stdout
    assert f"{first} First (Done)\n  The key is in the vault.\n" in stdout, "the note of what it waited for"
    output = kanban.ok("ask", second, "@bob which vault?")
    assert output.rows[-1] == ["next: kanban next --wait --or-reply"]
    with kanban.running("next", "--wait", "--or-reply") as wait:
        bob.comments.add(second, "the old one")
        assert wait.stdout is not None
        lines = wait.stdout.read().splitlines()
        assert wait.wait(timeout=20) == 0
    assert (lines[0], lines[2]) == (f"reply on {second}", "  the old one")
    assert lines[-1] == f"next: kanban done {second} -m NOTE --next --lease {second}.1"
    assert kanban.ok("next", "--wait", "--or-reply", "--json").json["reply"]["author"] == "bob"


def test_next_and_wait_say_what_is_left_and_never_advise_to_wait_for_what_cannot_come(
    kanban: Shell, sdk: Kanban, own: Board, sqlite: Server
) -> None:
    empty = kanban("next")
    assert (empty.code, next_of(empty)) == (4, "kanban next --wait")
    (ticket,) = new(sdk, own, "One")
    bob = sqlite.kanban("bob")
    bob.tickets.claim(ticket)
    held = kanban("next")
    assert (held.code, next_of(held)) == (4, "kanban next --wait")
    assert f"{ticket} is held by bob" in held.err
    late = kanban("next", "--wait", "--timeout", "0.1s")
    assert (late.code, late.out) == (6, "")
    assert f"Nothing came in time: {ticket} is held by bob." in late.err
    late = kanban("wait", "--ready", "--timeout", "0.1s")
    assert (late.code, f"{ticket} is held by bob" in late.err) == (6, True)
    late = kanban("wait", ticket, "-c", "Done", "--timeout", "0.1s")
    assert (late.code, f"{ticket} (in In Progress, held by bob)" in late.err) == (6, True)
    bob.tickets.ask(ticket, "@owner which one?")
    for command in (["next"], ["next", "--wait"], ["wait", "--ready"]):
        stopped = kanban(*command)
        assert (stopped.code, stopped.out, "next:" in stopped.err) == (4, "", False)
        assert re.search(
            rf"Nothing is left for you: {ticket} waits for owner's answer to bob, \d+ seconds?\.", stopped.err
        )
    asker = kanban("next", "-u", "bob")
    assert (asker.code, next_of(asker)) == (4, "kanban next --wait --or-reply")
    sdk.comments.add(ticket, "that one")
    bob.tickets.done(ticket)
    facts = json.loads(kanban("next", "--wait", "--json").err)
    assert (facts["stop"], facts["why"]) == (True, "all 1 tickets are done")
    for wrong in (["--peek", "--wait"], ["--timeout", "5s"], ["--or-reply"]):
        assert kanban("next", *wrong).code == 2


def test_a_session_needs_no_lease_and_no_other_session_writes_under_its_claim(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    one, two = new(sdk, own, "One", "Two")
    first, second = kanban.using(KANBAN_SESSION="first"), kanban.using(KANBAN_SESSION="second")
    assert first.ok("next").rows[-1] == [f"next: kanban done {one} -m NOTE --next"]
    (file,) = (first.folder / "home").rglob("sessions/*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    output = second("next", "--peek")
    assert (output.code, output.err) == (0, "")
    output = second("next", "--wait")
    assert output.err == f"kanban: you hold {one} already, from another session\n  next: kanban next --resume\n"
    second.ok("release", two)
    resumed = second.ok("next", "--resume")
    assert resumed.rows[-1] == [f"next: kanban done {one} -m NOTE --next"]
    assert [attempt.number for attempt in sdk.tickets.get(one).attempts or []] == [1, 2]
    for late in (["comment", one, "mine"], ["done", one, "--next"], ["release", one]):
        refused = first(*late)
        assert (refused.code, next_of(refused)) == (5, f"kanban show {one}"), "ada's former session is fenced"
    assert sdk.tickets.get(one).comment_count == 0
    second.ok("comment", one, "mine")
    done = second.ok("done", one, "-m", "seen", "--next")
    assert done.rows[-1] == [f"next: kanban done {two} -m NOTE --next"]
    assert first.ok("comment", two, "a question").out, "a ticket that it never claimed"


def test_without_a_session_nothing_is_kept(kanban: Shell, sdk: Kanban, own: Board) -> None:
    new(sdk, own, "One")
    kanban.ok("next")
    assert not list((kanban.folder / "home").rglob("sessions/*"))


def test_each_terminal_is_a_session_of_its_own(kanban: Shell, sdk: Kanban, own: Board) -> None:
    (one,) = new(sdk, own, "One")
    assert f"next: kanban done {one} -m NOTE --next\n" in kanban.terminal("next")
