"""What a name that somebody typed stands for: a user under all their names, a person or a label whatever its case.

A name that is there exactly means that one. Else case is ignored, where that leaves one; where it leaves several, they
are named, as far as the one who asks may see them.
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
    text(  # from one label to the next in the index, however many tickets bear each
        "WITH RECURSIVE found (label) AS ("
        " SELECT min(label) FROM ticket_labels WHERE board_id = :board_id"
        " UNION ALL SELECT (SELECT min(l.label) FROM ticket_labels l"
        " WHERE l.board_id = :board_id AND l.label > f.label)"
        " FROM found f WHERE f.label IS NOT NULL) SELECT label FROM found WHERE label IS NOT NULL"
    )
)


def names_of(tx: ReadTransaction, name: str) -> tuple[str, ...]:
    """All names of the user who has this one, or once had it, the present one first; else this name alone.

    Whoever may not see the user is not told.
    """
    for id, names in _renamed(tx):
        if name in names and (id == tx.viewer.id or users.can_see(tx, id)):
            return names
    return (name,)


def people(tx: ReadTransaction, names: Sequence[str]) -> set[tuple[str, ...]]:
    """All names of each of the people who have these names, or once had them, whoever asks."""
    known = {name: all_names for _, all_names in (_renamed(tx) if names else []) for name in all_names}
    return {known.get(name, (name,)) for name in names}


def present_names(tx: ReadTransaction) -> dict[str, str]:
    """Each name that a user once had, to the one that they have now."""
    return {former: names[0] for _, names in _renamed(tx) for former in names[1:]}


def _renamed(tx: ReadTransaction) -> list[tuple[int, tuple[str, ...]]]:
    """The users who once had another name: the number and all names of each, the present one first."""
    rows = [] if tx.viewer.open else tx.all(RENAMED)
    return [(row["id"], (str(row["name"]), *map(str, orjson.loads(row["former_names"])))) for row in rows]


def assignees(tx: ReadTransaction, board_id: int, name: str) -> tuple[str, ...]:
    """Under which names the tickets of the person who is meant are assigned. Refused: `ambiguous-name`."""
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
    """The board's label that is meant. Refused: `ambiguous-name`."""
    name = normalize_name(name)
    if has_label(tx, board_id, name):
        return name
    near = _like(name, labels(tx, board_id))
    if len(near) > 1:
        raise ambiguous(name, "label", near)
    return near[0] if near else name


def has_label(tx: ReadTransaction, board_id: int, name: str) -> bool:
    """Whether any ticket of a board bears the label."""
    return tx.value(LABELLED, board_id=board_id, name=name) is not None


def labels(tx: ReadTransaction, board_id: int) -> list[str]:
    """All labels of a board."""
    return [row["label"] for row in tx.all(LABELS, board_id=board_id)]


def ambiguous(name: str, what: str, candidates: Sequence[str]) -> Refusal:
    """Several are meant by a name, if case does not count."""
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
