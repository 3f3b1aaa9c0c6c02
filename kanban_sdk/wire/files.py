"""Files on tickets."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class File(Shape):
    """A file of a ticket. Its name is unique on the ticket, case aside; `size` is in bytes.

    `media_type` is detected in the content. `width` and `height` are those of a picture that browsers show, and
    `thumbnail` says whether there is a small version of it.
    """

    name: str
    size: int
    media_type: str
    created_by: str
    created_at: str
    width: int | None = None
    height: int | None = None
    thumbnail: bool = False


@dataclass(frozen=True)
class AttachedFile(File):
    """A file with its ticket and its board."""

    ticket_id: int = 0
    board_id: int = 0
