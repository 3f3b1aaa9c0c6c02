"""Warnings in the answer to a change that succeeded: a name that already exists, or a user that does not.

Equal names and unknown assignees are allowed, so they are warned of and not refused. A warning names only what the
viewer may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import orjson

from kanban_server.rules.actors import Actor
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, name_lookup, users
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import Transaction


def board_name(tx: Transaction, board_id: int, name: str) -> None:
    """Warn if other boards have the same name, ignoring case."""
    alike = [row for row in boards.NAMES.all(tx) if row["id"] != board_id and _same(row["name"], name)]
    if alike:
        others = [{"id": row["id"], "name": row["name"]} for row in alike]
        told = ", ".join(f"{row['id']} {row['name']}" for row in alike[:5])
        tx.warn("same-name", f"There is more than one board '{name}': {told} too. Name them by number.", others=others)


def user_name(tx: Transaction, name: str, user_id: int | None = None) -> None:
    """Warn if a name differs only by case from another user's name or former name."""
    if tx.viewer.open:
        return
    alike = [
        row["name"]
        for row in users.read_visible(tx)
        if row["id"] != user_id and any(_same(one, name) for one in (row["name"], *orjson.loads(row["former_names"])))
    ]
    if alike:
        tx.warn("same-name", f"Other users are called so, but for case: {', '.join(alike[:5])}.", others=alike)


def labels(board: LockedBoard, wanted: Iterable[str], before: Iterable[str] = ()) -> None:
    """Warn of labels that are new to the board and differ only by case from another label."""
    known = set(before)
    new = [name for name in wanted if name not in known and not name_lookup.has_label(board.tx, board.id, name)]
    for name in new:
        alike = [one for one in [*name_lookup.labels(board.tx, board.id), *new] if one != name and _same(one, name)]
        if alike:
            detail = f"The label '{name}' is new, and differs by case only from {', '.join(alike[:5])}."
            board.tx.warn("same-name", detail, others=list(dict.fromkeys(alike)))


def parked(board: LockedBoard, row: TicketRow) -> None:
    """Warn that a claimed ticket is parked."""
    if row["not_before"] is not None and row["not_before"] > board.now:
        detail = f"Ticket {row['id']} is parked until {row['not_before']}."
        board.tx.warn("parked", detail, ticket_id=row["id"], not_before=row["not_before"])


def needs(board: LockedBoard, actor: Actor, row: TicketRow) -> None:
    """Warn that a claimed ticket needs what its holder can't. Without users, nobody knows what they can."""
    missing = {*orjson.loads(row["needs"])} - actor.can
    if missing and not board.tx.viewer.open:
        tags = ", ".join(sorted(missing))
        board.tx.warn("needs", f"Ticket {row['id']} needs {tags}.", ticket_id=row["id"], needs=sorted(missing))


def still_asked(board: LockedBoard, row: TicketRow, author: str, asked: list[str]) -> None:
    """Warn that a comment does not answer the open question of a ticket, since it asks others."""
    detail = f"Ticket {row['id']} still waits for {' or '.join(asked)} to answer {author}."
    board.tx.warn("still-asked", detail, ticket_id=row["id"], asked=asked, asked_by=author)


def assignee(board: LockedBoard, actor: Actor, name: str | None, before: str | None = None) -> None:
    """Warn of a new assignee that is disabled, or that is no user whom the viewer may see."""
    tx = board.tx
    if tx.viewer.open or name is None or name == before or name in actor.names:
        return
    known: dict[str, str] = {}
    for row in users.read_visible(tx):
        known |= dict.fromkeys((row["name"], *orjson.loads(row["former_names"])), row["name"])
        if row["name"] == name and row["disabled_at"]:
            tx.warn("unknown-user", f"{name} is disabled: nobody works under this name.", name=name)
    if name in known:
        return
    same = [one for one in known if _same(one, name)] or get_close_matches(name, known, 1)
    hint = f" Did you mean {known[same[0]]}?" if same else ""
    facts = {"nearest": known[same[0]]} if same else {}
    tx.warn("unknown-user", f"The server knows no user '{name}'.{hint}", name=name, **facts)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
