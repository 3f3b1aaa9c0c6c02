"""Comments on tickets."""

from __future__ import annotations

from dataclasses import dataclass

from kanban_sdk.wire.shape import Shape


@dataclass(frozen=True)
class Comment(Shape):
    """A comment. `updated_at` is None until its author edits it."""

    id: int
    ticket_id: int
    board_id: int
    text: str
    author: str
    created_at: str
    updated_at: str | None = None
