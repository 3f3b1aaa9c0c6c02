"""Results of a search over all boards."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.shape import Shape, list_of, readers
from kanban_sdk.wire.tickets import Ticket


@dataclass(frozen=True)
class SearchResult(Ticket):
    """A ticket that a search matches, with the name of its board."""

    board_name: str = ""


@dataclass(frozen=True)
class SearchPage(Shape):
    """One page of a search, newest tickets first. `cursor` is for the next page; None if this is the last one."""

    items: list[SearchResult]
    cursor: str | None

    READERS = readers(items=list_of(SearchResult.read))
