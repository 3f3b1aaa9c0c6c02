"""`kanban wait`: what ends it, what it prints, and with which exit code."""

from __future__ import annotations

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell
from tests.support.proxy import proxied
from tests.support.servers import Server
from tests.support.waiting import until


def test_a_wait_ends_at_once_if_the_condition_is_true_and_with_6_after_the_timeout(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("Here", board=own.id).id
    assert kanban.ok("wait", "--ready").rows == [[str(ticket), "Not Started", "-", "Here"]]
    assert kanban.ok("wait", ticket, "--unblocked", "--json").json["id"] == ticket
    late = kanban("wait", ticket, "-c", "done", "--timeout", "0.1s")
    assert (late.code, late.out) == (6, "")


def test_a_reply_ends_a_wait_and_is_printed_whole(kanban: Shell, sdk: Kanban, own: Board, sqlite: Server) -> None:
    ticket = sdk.tickets.create("Asked", board=own.id).id
    sdk.comments.add(ticket, "which one?")
    with proxied(sqlite.port) as proxy, Kanban(sdk.url, "bob") as bob:
        with kanban.running("wait", ticket, "--reply", KANBAN_URL=proxy.url) as wait:
            until(lambda: any(b"/ws/connect" in request for request in proxy.requests), what="the stream")
            bob.comments.add(ticket, "that one\n\x1b[2Jand quickly")
            assert wait.stdout is not None
            heading, *text = wait.stdout.read().splitlines()
            assert wait.wait(timeout=20) == 0
    assert heading.endswith("Z bob")
    assert text == ["  that one", "  \\u001b[2Jand quickly"]


@pytest.mark.parametrize("typed", ["wait 1", "wait 1 --reply --unblocked", "wait -c Done"])
def test_a_wait_takes_one_condition(kanban: Shell, typed: str) -> None:
    assert kanban(*typed.split()).code == 2
