"""`prime`, the briefing of an agent, and the status that `kanban` alone prints."""

from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from kanban_cli.errors import CommandError
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_field, print_json
from kanban_cli.render.ticket import format_lease
from kanban_sdk.calls import boards
from kanban_sdk.errors import KanbanError

if TYPE_CHECKING:
    from kanban_cli.summary import BoardSummary
    from kanban_sdk.wire.boards import Board

app = typer.Typer()

LOOKUP_SECONDS = 3.0
"""Timeout of each request of the briefing."""


@command(app, examples=["kanban prime", "kanban prime -u ada --json"], without=["lease"])
def prime(invocation: Invocation) -> None:
    """Print a briefing for an agent, at the start of a session.

    It has at most 1,536 bytes: the user, held tickets, ready tickets, unread comments, commands and rules. It is empty
    if there is no board.
    """
    import shlex
    from dataclasses import replace

    from kanban_cli.render import prime as briefing
    from kanban_cli.summary import load_summary

    invocation = invocation.for_lookups(LOOKUP_SECONDS)
    with suppress(KanbanError, CommandError):  # a session must start even without a board
        summary = load_summary(invocation.send, invocation.board_id, _names(invocation))
        kept = invocation.claim_tokens.holds() if invocation.claim_tokens else []
        summary = replace(summary, holds_here={ticket.id for ticket in summary.holds} <= {*kept})
        options = [
            (flag, getattr(invocation.options, name))
            for name, flag in (("board", "-b"), ("user", "-u"), ("url", "--url"))
        ]
        typed_options = "".join(f" {flag} {shlex.quote(value)}" for flag, value in options if value)
        output = (
            briefing.render_json(summary, invocation.server_url, typed_options) + "\n"
            if invocation.options.json
            else briefing.render_text(summary, invocation.server_url, typed_options)
        )
        print(output, end="")


def print_status(invocation: Invocation) -> None:
    """Print a short status: the board, its columns, the user's tickets, ready tickets and unread comments."""
    from kanban_cli.summary import load_summary

    candidates = _candidate_boards(invocation)
    if len(candidates) != 1:
        _print_boards(invocation, candidates)
        return
    summary = load_summary(invocation.send, candidates[0].id, _names(invocation))
    counts = summary.board.counts
    if invocation.options.json:
        print_json(
            {
                "url": invocation.server_url,
                "user": summary.user,
                "board": summary.board,
                "counts": counts,
                **_summary_lists(summary),
            }
        )
        return
    print_field("server", invocation.server_url)
    print_field("board", f"{summary.board.id} {summary.board.name}")
    print_field("columns", " · ".join(f"{name} {count}" for name, count in counts.items()))
    print_field("you", summary.user or "nobody: export KANBAN_USER=NAME")
    for one in summary.holds:
        print_field("held", f"{one.id} {one.title}" + (f"  lease {format_lease(one.lease)}" if one.lease else ""))
    for one in summary.ready[:3]:
        print_field("ready", f"{one.id} {one.priority} {one.title}")
    print_field("counts", f"{summary.holds_total} held, {summary.ready_total} ready, {summary.unread_total} unread")
    print("next: kanban next | kanban list | kanban inbox | kanban --help")


def _names(invocation: Invocation) -> tuple[str, ...]:
    """Return all names of the acting user."""
    user = invocation.current_user
    return invocation.names_of(user) if user else ()


def _candidate_boards(invocation: Invocation) -> "list[Board]":
    """Return the selected board, or all boards if the selection is ambiguous."""
    if invocation.setting("board"):
        return [invocation.send(boards.get(invocation.board_id))]
    return invocation.send(boards.all())


def _print_boards(invocation: Invocation, candidates: "list[Board]") -> None:
    if invocation.options.json:
        print_json({"url": invocation.server_url, "user": invocation.current_user, "boards": candidates})
        return
    print_field("server", invocation.server_url)
    for board in candidates:
        print_field("board", f"{board.id} {board.name}, {board.ticket_count} tickets")
    print(
        f"next: kanban -b {candidates[0].id} | kanban --help"
        if candidates
        else "next: kanban board add NAME | kanban --help"
    )


def _summary_lists(summary: "BoardSummary") -> dict[str, object]:
    return {
        "holds": {"total": summary.holds_total, "items": summary.holds},
        "ready": {"total": summary.ready_total, "items": summary.ready},
        "unread": {"total": summary.unread_total, "items": summary.unread},
    }
