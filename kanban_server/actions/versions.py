"""Optimistic locking: a change made from an old version is refused, with the list of changes since that version."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.boards import Board
from kanban_sdk.wire.tickets import Ticket
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.rules.problems import Refusal
from kanban_server.store import event_log
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import base_snapshots, tickets
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction, Row

REDACTED = ("title", "description", "acceptance_criteria", "labels", "needs", "extra", "source_id", "links")
"""The ticket fields in which a leaked text can be redacted."""


def check_ticket_version(board: LockedBoard, row: TicketRow, version: int | None) -> None:
    """Refused: `version-conflict`, if `version` is not the ticket's current version. None checks nothing."""
    if version is None or version == row["version"]:
        return
    _raise_conflict(
        "ticket",
        tickets.to_wire(row, board.columns),
        version,
        event_log.read_ticket_events(board.tx, row["id"]),
        base_snapshots.log_start(board.tx, board.id),
    )


def check_board_version(tx: ReadTransaction, board: Board, version: int | None) -> None:
    """Refused: `version-conflict`, if `version` is not the board's current version. None checks nothing."""
    if version is not None and version != board.version:
        _raise_conflict(
            "board", board, version, event_log.read_board_edits(tx, board.id), base_snapshots.log_start(tx, board.id)
        )


def event_changes(name: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields that an event changed, each as `{field, from, to}`."""
    if name in {"ticket_updated", "board_updated", "history_imported"}:
        return [{"field": field, **change} for field, change in data["changes"].items()]
    if name == "ticket_moved":
        if data["from_column"] == data["to_column"]:
            return [{"field": "place", "from": data["from_place"], "to": data["place"]}]
        return [{"field": "current_column", "from": data["from_column"], "to": data["to_column"]}]
    if name == "ticket_claimed":
        return [{"field": "claim", "from": None, "to": data["claim"]["holder"]}, *_assigned(data, None)]
    if name == "ticket_released":
        return [{"field": "claim", "from": data.get("holder"), "to": None}, *_assigned(data, data.get("assignee"))]
    if name == "ticket_redacted":
        fields = data["fields"] if "fields" in data else [field for field in REDACTED if field in data]
        known = [{"field": field, "from": None, "to": data[field]} for field in fields]
        return known or [{"field": "redacted", "from": None, "to": data["redacted_by"]}]
    if name in {"ticket_file_attached", "ticket_file_removed"}:
        before, after = (None, data["name"]) if name == "ticket_file_attached" else (data["name"], None)
        return [{"field": "file", "from": before, "to": after}]
    if name == "ticket_created":
        return [{"field": "imported" if data.get("imported") else "created", "from": None, "to": data["title"]}]
    if name in {"ticket_deleted", "ticket_archived"}:
        return [{"field": name.removeprefix("ticket_"), "from": False, "to": True}]
    if name == "ticket_restored":
        back = {"field": data.get("was", "deleted"), "from": True, "to": False}
        if "from_column" not in data:
            return [back]
        return [back, {"field": "current_column", "from": data["from_column"], "to": data["current_column"]}]
    return []


def _assigned(data: dict[str, object], known: str | None) -> list[dict[str, object]]:
    """The change of the assignee by a claim or its end. `known` is the old assignee if an older event lacks it."""
    before, after = data.get("from_assignee", known), data.get("assignee")
    return [{"field": "assignee", "from": before, "to": after}] if before != after else []


def _raise_conflict(kind: str, current: Ticket | Board, version: int, events: list[Row], since: str | None) -> None:
    changes: list[dict[str, object]] = [
        {**change, "by": event["actor"], "at": event["at"]}
        for event in events
        if (event["data"].get("version") or 0) > version
        for change in event_changes(event["name"], event["data"])
    ]
    if since is not None and all((event["data"].get("version") or 0) != version + 1 for event in events):
        about = {"by": SYSTEM_ACTOR.name, "at": since}
        changes.insert(0, {"field": "trimmed", "from": None, "to": since, **about})  # earlier changes were trimmed
    fields = ", ".join(dict.fromkeys(str(change["field"]) for change in changes))
    raise Refusal(
        "version-conflict",
        f"The {kind} is at version {current.version}, and this change was made from version {version}."
        + (f" Changed since: {fields}." if fields else ""),
        fix="Look at `current`, then send the change again with `current_version`.",
        current_version=current.version,
        current=current,
        changed=changes,
    )
