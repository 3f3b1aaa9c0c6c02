"""Resolve a typed name: a user by any of their names, a person or a label regardless of case.

An exact match wins. Otherwise case is ignored if that leaves one match; several matches are listed in the refusal, as
far as the viewer may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import bindparam, select, text

from kanban_server.rules.actors import normalize_name
from kanban_server.rules.problems import Refusal
from kanban_server.store.queries import users
from kanban_server.store.statements import Statement
from kanban_server.store.tables import ticket_labels, tickets
from kanban_server.store.tables import users as users_table
from kanban_server.store.transaction import ReadTransaction

_t, _l, _u = tickets.c, ticket_labels.c, users_table.c
RENAMED = Statement(select(_u.id, _u.name, _u.former_names).where(_u.former_names != text("'[]'")))
ASSIGNED = Statement(
    select(_t.id).where(_t.board_id == bindparam("board_id"), _t.assignee == bindparam("name")).limit(1)
)
LABELLED = Statement(
    select(_l.ticket_id).where(_l.board_id == bindparam("board_id"), _l.label == bindparam("name")).limit(1)
)
ASSIGNEES = Statement(
    select(_t.assignee).where(_t.board_id == bindparam("board_id"), _t.assignee.is_not(None)).distinct()
)
LABELS = Statement(
    text(  # skips from one label to the next in the index, however many tickets have each
        "WITH RECURSIVE found (label) AS ("
        " SELECT min(label) FROM ticket_labels WHERE board_id = :board_id"
        " UNION ALL SELECT (SELECT min(l.label) FROM ticket_labels l"
        " WHERE l.board_id = :board_id AND l.label > f.label)"
        " FROM found f WHERE f.label IS NOT NULL) SELECT label FROM found WHERE label IS NOT NULL"
    ),
    reads=["ticket_labels"],
)


def names_of(tx: ReadTransaction, name: str) -> tuple[str, ...]:
    """All names of the user who has or had this name, the current one first; else this name alone.

    A user whom the viewer may not see counts as unknown.
    """
    for id, names in _renamed(tx):
        if name in names and (id == tx.viewer.id or users.can_see(tx, id)):
            return names
    return (name,)


def people(tx: ReadTransaction, names: Sequence[str]) -> set[tuple[str, ...]]:
    """All names of each person who has or had one of these names, regardless of the viewer."""
    known = {name: all_names for _, all_names in (_renamed(tx) if names else []) for name in all_names}
    return {known.get(name, (name,)) for name in names}


def present_names(tx: ReadTransaction) -> dict[str, str]:
    """A map from each former name of a user to the current one."""
    return {former: names[0] for _, names in _renamed(tx) for former in names[1:]}


def _renamed(tx: ReadTransaction) -> list[tuple[int, tuple[str, ...]]]:
    """The users who were renamed: the id and all names of each, the current one first."""
    rows = [] if tx.viewer.open else tx.all(RENAMED)
    return [(row["id"], (str(row["name"]), *map(str, orjson.loads(row["former_names"])))) for row in rows]


def assignees(tx: ReadTransaction, board_id: int, name: str) -> tuple[str, ...]:
    """The names under which the person's tickets are assigned. Refused: `ambiguous-name`."""
    name = normalize_name(name)
    names = names_of(tx, name)
    if any(tx.value(ASSIGNED, board_id=board_id, name=one) for one in names):
        return names
    near = _like(name, [row["assignee"] for row in tx.all(ASSIGNEES, board_id=board_id)])
    people = list(dict.fromkeys(names_of(tx, one) for one in near))
    if len(people) > 1:
        raise ambiguous(name, "person", [one[0] for one in people])
    return people[0] if people else names


def label(tx: ReadTransaction, board_id: int, name: str) -> str:
    """The board's label that matches the name, or the name itself. Refused: `ambiguous-name`."""
    name = normalize_name(name)
    if has_label(tx, board_id, name):
        return name
    near = _like(name, labels(tx, board_id))
    if len(near) > 1:
        raise ambiguous(name, "label", near)
    return near[0] if near else name


def has_label(tx: ReadTransaction, board_id: int, name: str) -> bool:
    """Whether any ticket of the board has the label."""
    return tx.value(LABELLED, board_id=board_id, name=name) is not None


def labels(tx: ReadTransaction, board_id: int) -> list[str]:
    """All labels of a board."""
    return [row["label"] for row in tx.all(LABELS, board_id=board_id)]


def ambiguous(name: str, what: str, candidates: Sequence[str]) -> Refusal:
    """The refusal for a name that matches several candidates when case is ignored."""
    return Refusal(
        "ambiguous-name",
        f"'{name[:100]}' could be more than one {what}: {', '.join(sorted(candidates))[:300]}.",
        fix="Name one of `candidates`, in its own case.",
        name=name[:100],
        candidates=sorted(candidates),
    )


def _like(name: str, names: Iterable[str]) -> list[str]:
    folded = name.casefold()
    return [one for one in dict.fromkeys(names) if one.casefold() == folded and one != name]
