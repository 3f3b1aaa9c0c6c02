"""Passing notices: told to those who are connected just now, kept nowhere."""

from __future__ import annotations

from typing import Protocol

from kanban_server.live.post import Message, Post
from kanban_server.rules.events import passing


class Listener(Protocol):
    """A connection that can be told something."""

    username: str

    def tell(self, message: bytes) -> None:
        """Send one message."""


class Notices:
    """All who are connected to this instance; `post` passes notices on to the others, where there is one."""

    def __init__(self, post: Post | None) -> None:
        self.listeners: set[Listener] = set()
        self._post = post
        if post is not None:
            post.on("notice", self._hear)

    def tell(self, text: str, by: str, users: list[str] | None) -> int:
        """Tell all, or some, and count the connections of this instance that were told."""
        if self._post is not None:
            self._post.send("notice", text=text, by=by, users=users)
        return self._tell(text, by, users)

    def _hear(self, said: Message) -> None:
        self._tell(said["text"], said["by"], said["users"])

    def _tell(self, text: str, by: str, users: list[str] | None) -> int:
        message = passing("notice", {"text": text, "by": by})
        meant = [one for one in self.listeners if users is None or one.username in users]
        for one in meant:
            one.tell(message)
        return len(meant)
