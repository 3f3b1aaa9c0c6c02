"""Notices: sent to current connections, stored nowhere."""

from __future__ import annotations

from typing import Protocol

from kanban_server.live.redis_bus import Message, RedisBus
from kanban_server.live.transient_event import encode_transient_event


class Listener(Protocol):
    """A connection that receives notices."""

    username: str

    def send_notice(self, message: bytes) -> None:
        """Send one message."""


class Notices:
    """The connections of this instance; `bus` forwards notices to other instances, where it is configured."""

    def __init__(self, bus: RedisBus | None) -> None:
        self.listeners: set[Listener] = set()
        self._bus = bus
        if bus is not None:
            bus.subscribe("notice", self._on_notice)

    def publish(self, text: str, by: str, users: list[str] | None) -> int:
        """Send a notice to all users or some; returns how many connections of this instance were sent it."""
        if self._bus is not None:
            self._bus.send("notice", text=text, by=by, users=users)
        return self._send_local(text, by, users)

    def _on_notice(self, message: Message) -> None:
        self._send_local(message["text"], message["by"], message["users"])

    def _send_local(self, text: str, by: str, users: list[str] | None) -> int:
        message = encode_transient_event("notice", {"text": text, "by": by})
        recipients = [listener for listener in self.listeners if users is None or listener.username in users]
        for listener in recipients:
            listener.send_notice(message)
        return len(recipients)
