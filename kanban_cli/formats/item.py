"""What every format reader yields: an item of another program, with its values as they are there."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from kanban_cli.formats.source import Source

Meaning = Literal["todo", "working", "review", "waiting", "done"]
"""What a status means: the roles of columns, and `review` for columns in which others check the work."""
DateOrder = Literal["dmy", "mdy"]
"""Whether a numeric date such as 01/02/2024 begins with the day or with the month."""


class Comment(TypedDict):
    """A comment of an item. A missing author or time is filled in by the server."""

    text: str
    author: NotRequired[object]
    created_at: NotRequired[object]


@dataclass
class Item:
    """An item of another program, before its values are fitted to a ticket (`conversion.convert`).

    Values may be of any type; what can't be understood is reported and kept in `extra`.
    """

    id: object
    """Its id there. The ticket's `source_id`."""
    title: object = None
    description: object = None
    criteria: object = None
    status: object = None
    """The source's own word for its state."""
    meaning: Meaning | None = None
    """What the status means, if the format defines it, and neither a column nor a known word does."""
    keep_status: bool = True
    """Whether the status is kept in `extra` where the column has another name."""
    column: str | None = None
    """A more precise word than the status; it counts if it leads to a column."""
    priority: object = None
    assignees: Sequence[object] = ()
    labels: Sequence[object] = ()
    author: object = None
    created: object = None
    updated: object = None
    finished: object = None
    """Since when it is done."""
    due: object = None
    not_before: object = None
    """The time until which it is put off."""
    needs: Sequence[object] = ()
    """Tags of what it needs."""
    links: Sequence[object] = ()
    comments: Sequence[Comment] = ()
    blocked_by: Sequence[object] | None = None
    """The ids of the items that it waits for; None if the source does not say."""
    parent: object = None
    archived: bool = False
    """Whether it is off the board there."""
    extra: dict[str, object] = field(default_factory=dict)
    """What has no field of ours."""
    aliases: Sequence[str] = ()
    """Other names by which items of the same file refer to this one."""
    former_ids: Sequence[str] = ()
    """Ids under which earlier versions imported the same item."""
    file: str = ""
    """The file in a folder; empty for the file that is read."""
    line: int = 1
    place: str = ""
    """Where it is in a file that has no lines, such as `cards[3]`."""


@dataclass
class ReadOptions:
    """How a file is read, and what was skipped in it."""

    field_by_column: Mapping[str, str] = field(default_factory=dict)
    """Columns of a table with names of their own, and our fields for them."""
    date_order: DateOrder | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    """How many things were no tickets, by what they are: `{"pull requests": 3}`."""


Reader = Callable[[Source, ReadOptions], Iterator[Item]]
"""Reads the items of a file. Raises ParseError."""
