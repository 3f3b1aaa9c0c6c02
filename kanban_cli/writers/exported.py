"""The tickets of a board as an export writes them, with the names of those that they refer to."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from kanban_cli.invocation import Invocation
from kanban_sdk.calls import boards, comments, tickets
from kanban_sdk.wire import limits

Fields = Mapping[str, object]
"""A ticket or a comment, as the API has it."""
DELETED = "deleted"
"""The field of a ticket in the trash."""


@dataclass
class ExportedBoard:
    """A board with its tickets in the board's order, each under a name that is unique everywhere."""

    invocation: Invocation
    board: Fields
    tickets: list[dict[str, object]]
    names: dict[int, str]
    """Ticket id to `source_id`; `export:BOARD:ID` for a ticket that was made here."""

    @classmethod
    def load(cls, invocation: Invocation, *, archived: bool = False, deleted: bool = False) -> "ExportedBoard":
        """Read a board, with `archived` also its archive, and with `deleted` its trash, which come last.

        Deleted tickets have the field `deleted`. No ticket names them as its blocker or parent.
        """
        snapshot = cast("dict[str, object]", invocation.send_raw(boards.snapshot(invocation.board_id)))
        loaded = cast("list[dict[str, object]]", snapshot["tickets"])
        loaded += [*_load_pages(invocation, archived=True)] if archived else []
        in_trash = [{**ticket, DELETED: True} for ticket in _load_pages(invocation, deleted=True)] if deleted else []
        taken = {ticket["source_id"] for ticket in [*loaded, *in_trash]}
        for ticket in [*loaded, *in_trash]:
            ticket["source_id"] = ticket.get("source_id") or _name(ticket, taken)
        names = {cast("int", ticket["id"]): str(ticket["source_id"]) for ticket in loaded}
        return cls(invocation, cast("Fields", snapshot["board"]), [*loaded, *in_trash], names)

    def blockers(self, ticket: Fields) -> list[str]:
        """Return the names of a ticket's blockers, with those that an import could not link."""
        extra = cast("dict[str, list[str]]", ticket["extra"] or {})
        linked = [self.names[id] for id in cast("list[int]", ticket["blocked_by"]) if id in self.names]
        return [*linked, *extra.get("blocked_by_sources", ())]

    def parent(self, ticket: Fields) -> str | None:
        """Return the name of a ticket's parent, or the one that an import could not link."""
        extra = cast("dict[str, str]", ticket["extra"] or {})
        return self.names.get(cast("int", ticket["parent"])) or extra.get("parent_source")

    def comments(self, ticket: Fields) -> list[Fields]:
        """Read the comments of a ticket, oldest first."""
        if not ticket["comment_count"]:
            return []
        call = comments.all(cast("int", ticket["id"]), deleted=DELETED in ticket)
        return cast("list[Fields]", self.invocation.send_raw(call))

    def history(self, ticket: Fields) -> list[Fields]:
        """Read the changes of a ticket, newest first."""
        return cast("list[Fields]", self.invocation.send_raw(tickets.history(cast("int", ticket["id"]))))


def _name(ticket: Fields, taken: Container[object]) -> str:
    """Return the name of a ticket that was made here, which no other has, also none from a board of the same number."""
    name = f"export:{ticket['board_id']}:{ticket['id']}"
    return f"{name}:made-here" if name in taken else name


def _load_pages(
    invocation: Invocation, *, archived: bool = False, deleted: bool = False
) -> Iterator[dict[str, object]]:
    number = 1
    while True:
        page = invocation.send_raw(
            tickets.page(
                invocation.board_id, archived=archived, deleted=deleted, page=number, page_size=limits.PAGE_MOST
            )
        )
        yield from cast("list[dict[str, object]]", page["items"])
        if not page["has_next"]:
            return
        number += 1
