"""What clients send about comments and the inbox. Loaded by the server and by type checkers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen

from kanban_sdk.wire.bodies import Id


@dataclass(frozen=True)
class InboxRead:
    """How far the inbox is read: board id to cursor; absent means all."""

    cursors: Annotated[dict[str, str], MaxLen(1000)] | None = None


@dataclass(frozen=True)
class NewComment:
    """A comment to create."""

    ticket_id: Id
    text: str
    author: str | None = None


@dataclass(frozen=True)
class CommentEdit:
    """A comment's new text."""

    text: str
    author: str | None = None
