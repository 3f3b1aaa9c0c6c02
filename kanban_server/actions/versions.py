"""Nobody's edit is lost: a change that was made from an old version is refused, with what changed since."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules.refusals import Refusal
from kanban_server.store import journal
from kanban_server.store.transaction import Reading, Row


def check_ticket(tx: Reading, ticket: Ticket, version: int | None) -> None:
    """Refused: `version-conflict`, where the change was made from another version of the ticket."""
    if version is None or version == ticket.version:
        return
    _refuse("ticket", ticket, version, journal.of_ticket(tx, ticket.id))


def check_board(tx: Reading, board: Board, version: int | None) -> None:
    """Refused: `version-conflict`, where the change was made from another version of the board."""
    if version is not None and version != board.version:
        _refuse("board", board, version, journal.edits_of_board(tx, board.id))


def changes(name: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields that an event changed: `{field, from, to}` each."""
    if name in {"ticket_updated", "board_updated"}:
        return [{"field": field, **change} for field, change in data["changes"].items()]
    if name == "ticket_moved":
        if data["from_column"] == data["to_column"]:
            return [{"field": "place", "from": data["from_place"], "to": data["place"]}]
        return [{"field": "current_column", "from": data["from_column"], "to": data["to_column"]}]
    if name == "ticket_claimed":
        return [{"field": "assignee", "from": data.get("from_assignee"), "to": data["assignee"]}]
    if name == "ticket_released":  # what was written before releases said so has no `from_assignee`
        before = data.get("from_assignee", data.get("assignee"))
        return [] if before == data.get("assignee") else [{"field": "assignee", "from": before, "to": data["assignee"]}]
    if name == "ticket_created":
        return [{"field": "created", "from": None, "to": data["title"]}]
    if name in {"ticket_deleted", "ticket_archived"}:
        return [{"field": name.removeprefix("ticket_"), "from": False, "to": True}]
    if name == "ticket_restored":
        return [{"field": data.get("was", "deleted"), "from": True, "to": False}]
    return []


def _refuse(what: str, current: Ticket | Board, version: int, events: list[Row]) -> None:
    changed = [
        {**change, "by": event["actor"], "at": event["at"]}
        for event in events
        if (event["data"].get("version") or 0) > version
        for change in changes(event["name"], event["data"])
    ]
    fields = ", ".join(dict.fromkeys(str(change["field"]) for change in changed))
    raise Refusal(
        "version-conflict",
        f"The {what} is at version {current.version}, and this change was made from version {version}."
        + (f" Changed since: {fields}." if fields else ""),
        fix="Look at `current`, then send the change again with `current_version`.",
        current_version=current.version,
        current=current,
        changed=changed,
    )
