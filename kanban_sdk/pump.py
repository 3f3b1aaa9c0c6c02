"""What the two watches have in common: where they connect, and what they conclude from what they meet."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kanban_sdk.errors import Failed, TooMany, Unreachable, refused
from kanban_sdk.feed import Feed, Lost, Stale
from kanban_sdk.outage import Outage
from kanban_sdk.retries import read_problem, worth_retrying
from kanban_sdk.trust import trusted
from kanban_sdk.wire.events import Event

LOG = logging.getLogger("kanban_sdk.watch")
LOG.addHandler(logging.NullHandler())  # lost connections are for the outage to tell, and not for stderr
OPENING: dict[str, Any] = {"close_timeout": 2, "max_size": None, "compression": None, "proxy": None, "logger": LOG}
OPEN_TIMEOUT = 10.0
LOOK = 1.0
"""Seconds that a connection may take, however short the wait is: else a short one would never see anything."""
TROUBLE = (Stale, Lost, OSError, ConnectionClosed, InvalidHandshake)
"""What ends a connection, and mostly not the watch."""
NO_SNAPSHOT = (Unreachable, Failed, TooMany)
"""Why a snapshot can't be had just now."""


def stream_url(url: str, query: Mapping[str, Any]) -> str:
    """The address of the stream on the server at `url`."""
    parts = urlsplit(url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/ws/connect", urlencode(query), ""))


class Pump:
    """A watch without its way of waiting."""

    def __init__(self, url: str, headers: Mapping[str, str], feed: Feed, outage: Outage, patience: float) -> None:
        self._url = url
        self._opening = {**OPENING, "additional_headers": dict(headers)}
        if urlsplit(url).scheme == "https":
            self._opening["ssl"] = trusted()
        self._feed = feed
        self._outage = outage
        self._patience = patience
        self._socket: Any = None
        self._again_at = 0.0
        """When to connect again, on the monotonic clock."""
        self._give_up_at: float | None = None
        """While there is no connection: when to stop trying, on the monotonic clock."""

    @property
    def cursor(self) -> str | None:
        """Where the watch stands; None before it is connected for the first time."""
        return self._feed.cursor

    def _address(self) -> str:
        return stream_url(self._url, self._feed.query())

    def _hear(self, message: str | bytes) -> Event | None:
        """What a message brings. Raises Lost, Stale, and Unreachable where it is not a kanban server's."""
        try:
            event = self._feed.receive(json.loads(message))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreachable(self._url, "what answers there is no kanban server") from error
        if self._give_up_at is not None and self._feed.connected:
            self._give_up_at = None
            self._outage.end()
        return event

    def _trouble(self, error: Exception) -> None:
        """Conclude what to do next: take a snapshot, connect again later, or end. Raises what the user must know."""
        self._feed.disconnected()
        if isinstance(error, Stale):
            self._outage.say(f"the log can't be read from {self._feed.cursor} ({error.reason}): taking a snapshot")
            return
        why = str(error) or type(error).__name__
        if isinstance(error, ConnectionClosed):
            code = error.rcvd.code if error.rcvd else 1006
            if self._feed.ended(code):
                return
            why = f"code {code}"
        elif isinstance(error, InvalidStatus):
            self._judge(error)
        now = time.monotonic()
        if self._give_up_at is None:
            self._give_up_at = now + self._patience
        elif now >= self._give_up_at:
            raise Unreachable(self._url, why) from None
        self._again_at = min(now + self._feed.wait(), self._give_up_at)  # the last try may begin at the deadline
        self._outage.begin(why, self._patience)

    def _judge(self, error: InvalidStatus) -> None:
        """A refused handshake is final unless the server is merely busy."""
        status = error.response.status_code
        problem = read_problem(status, bytes(error.response.body or b""), self._url)
        if worth_retrying(status, problem.get("type")):
            return
        if "type" in problem:
            raise refused(problem)
        raise Unreachable(self._url, f"no event stream there (HTTP {status})")
