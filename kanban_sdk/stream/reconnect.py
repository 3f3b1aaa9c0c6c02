"""What the two watches have in common: the stream's address, and the handling of errors."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kanban_sdk.errors import ServerError, TooManyRequests, Unreachable
from kanban_sdk.outage import Outage
from kanban_sdk.problem_types import exception_for
from kanban_sdk.stream.feed import ConnectionLost, Feed, StaleCursor
from kanban_sdk.stream.sse import StreamRefused, events_url
from kanban_sdk.transport.retries import is_retryable, read_problem
from kanban_sdk.transport.tls import create_ssl_context
from kanban_sdk.wire.events import Event

LOG = logging.getLogger("kanban_sdk.stream.watch")
LOG.addHandler(logging.NullHandler())  # lost connections are reported by the outage, not on stderr
CONNECT_OPTIONS: dict[str, Any] = {
    "close_timeout": 2,
    "max_size": None,
    "compression": None,
    "proxy": None,
    "logger": LOG,
}
OPEN_TIMEOUT = 10.0
MIN_CONNECT_SECONDS = 1.0
"""Minimum seconds that a connection attempt may take, also in a shorter wait, which else could never connect."""
CONNECTION_ERRORS = (StaleCursor, ConnectionLost, StreamRefused, OSError, ConnectionClosed, InvalidHandshake)
"""Errors that end a connection, and mostly not the watch."""
MAX_FAILED_UPGRADES = 3
"""WebSockets in a row that break off while they are opened, before server-sent events are tried."""
FALLBACK_NOTICE = "No WebSocket comes through; following the board by server-sent events"
SNAPSHOT_ERRORS = (Unreachable, ServerError, TooManyRequests)
"""Errors after which a snapshot may succeed later."""


def stream_url(url: str, query: Mapping[str, str | int]) -> str:
    """The address of the stream on the server at `url`."""
    parts = urlsplit(url.rstrip("/"))
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/ws/connect", urlencode(query), ""))


class Reconnector:
    """A watch without its blocking or awaiting."""

    def __init__(self, url: str, headers: Mapping[str, str], feed: Feed, outage: Outage, patience: float) -> None:
        self._url = url
        self._headers = dict(headers)
        self._connect_options = {**CONNECT_OPTIONS, "additional_headers": self._headers}
        self._ssl_context = create_ssl_context() if urlsplit(url).scheme == "https" else None
        if self._ssl_context is not None:
            self._connect_options["ssl"] = self._ssl_context
        self._uses_sse = False
        """Whether the next connection is one of server-sent events."""
        self._has_fallen_back = False
        """Whether server-sent events have worked where a WebSocket did not: they are used from then on."""
        self._failed_upgrades = 0
        self._feed = feed
        self._outage = outage
        self._patience = patience
        self._retry_at = 0.0
        """When to connect again, on the monotonic clock."""
        self._give_up_at: float | None = None
        """While there is no connection: when to stop trying, on the monotonic clock."""

    @property
    def cursor(self) -> str | None:
        """The watch's position; None before its first connection."""
        return self._feed.cursor

    def _address(self) -> str:
        return stream_url(self._url, self._feed.query())

    def _events_address(self) -> str:
        return events_url(self._url, self._feed.board, self._feed.cursor)

    def _parse_message(self, message: str | bytes) -> Event | None:
        """The message's event. Raises ConnectionLost, StaleCursor, and Unreachable if it is no kanban server's."""
        try:
            event = self._feed.receive(json.loads(message))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unreachable(self._url, "the server there is no kanban server") from None
        if self._feed.connected:
            self._failed_upgrades = 0
            if self._uses_sse and not self._has_fallen_back:
                self._has_fallen_back = True
                self._outage.report_once(FALLBACK_NOTICE)
        if self._give_up_at is not None and self._feed.connected:
            self._give_up_at = None
            self._outage.end()
        return event

    def _handle_error(self, error: Exception) -> None:
        """Decide what to do next: take a snapshot, connect again later, or end. Raises Refused and Unreachable."""
        was_connected = self._feed.connected
        self._feed.on_disconnect()
        if isinstance(error, StaleCursor):
            self._outage.report(f"The log can't be read from {self._feed.cursor} ({error.reason}); taking a snapshot")
            return
        reason = str(error) or type(error).__name__
        if isinstance(error, ConnectionClosed):
            code = error.rcvd.code if error.rcvd else 1006
            if self._feed.closed_for_good(code):
                return
            reason = f"code {code}"
        elif isinstance(error, InvalidStatus):
            status, body = error.response.status_code, bytes(error.response.body or b"")
            if self._is_blocked_upgrade(status, body):
                self._uses_sse = True
                return
            self._check_refusal(status, body)
        elif isinstance(error, StreamRefused):
            if self._feed.end_of_log(error.status, read_problem(error.status, error.body, self._url)):
                return
            self._check_refusal(error.status, error.body)
        if not was_connected:
            self._choose_transport(error)
        now = time.monotonic()
        if self._give_up_at is None:
            self._give_up_at = now + self._patience
        elif now >= self._give_up_at:
            raise Unreachable(self._url, reason) from None
        self._retry_at = min(now + self._feed.next_delay(), self._give_up_at)  # the last try may begin at the deadline
        self._outage.begin(reason, self._patience)

    def _is_blocked_upgrade(self, status: int, body: bytes) -> bool:
        """Whether a proxy refuses WebSockets, or passes the request on as a plain one, which the server has not."""
        problem = read_problem(status, body, self._url)
        return not is_retryable(status, problem.get("type")) and problem.get("type") in (None, "not-found")

    def _choose_transport(self, error: Exception) -> None:
        """Decide how to connect next, after a connection that did not come about.

        A proxy may also cut a WebSocket, or leave it without a response: after a few of those, server-sent events are
        tried once, and then again the other. A server that refuses the connection is away, whatever the transport.
        """
        if self._has_fallen_back or isinstance(error, ConnectionRefusedError):
            return
        self._failed_upgrades = 0 if self._uses_sse else self._failed_upgrades + 1
        self._uses_sse = self._failed_upgrades >= MAX_FAILED_UPGRADES

    def _check_refusal(self, status: int, body: bytes) -> None:
        """Raise Refused for a refused handshake, which is final unless the server is merely busy."""
        problem = read_problem(status, body, self._url)
        if is_retryable(status, problem.get("type")):
            return
        if "type" in problem:
            raise exception_for(problem)
        raise Unreachable(self._url, f"the server there has no event stream (HTTP {status})")
