"""`prime`, the briefing of an agent, and the status that `kanban` alone prints."""

from typing import TYPE_CHECKING

import typer

from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_field
from kanban_cli.render.ticket import format_lease
from kanban_cli.values.tags import tags_of
from kanban_sdk.calls import boards

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
    from kanban_cli.briefing import load_briefing

    print(load_briefing(invocation, LOOKUP_SECONDS), end="")


def print_status(invocation: Invocation) -> None:
    """Print a short status: the board, its columns, the user's tickets, ready tickets and unread comments."""
    from kanban_cli.briefing import user_names
    from kanban_cli.summary import load_summary

    candidates = _candidate_boards(invocation)
    if len(candidates) != 1:
        _print_boards(invocation, candidates)
        return
    summary = load_summary(
        invocation.send, candidates[0].id, user_names(invocation), tags_of(None, invocation.environment)
    )
    counts = summary.board.counts
    if invocation.options.json:
        invocation.print_json(
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


def _candidate_boards(invocation: Invocation) -> "list[Board]":
    """Return the selected board, or all boards if the selection is ambiguous."""
    if invocation.setting("board"):
        return [invocation.send(boards.get(invocation.board_id))]
    return invocation.send(boards.all())


def _print_boards(invocation: Invocation, candidates: "list[Board]") -> None:
    if invocation.options.json:
        invocation.print_json({"url": invocation.server_url, "user": invocation.current_user, "boards": candidates})
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
