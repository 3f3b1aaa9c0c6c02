"""Outages of the server: the listener is called once when it is lost and once when it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

OutageListener: TypeAlias = Callable[[str], None]
"""Called with a sentence when the server is lost, and when it is back."""

RECONNECTED = "Connected again"


class Outage:
    """Whether the server is away, and the listener to notify. The threads of a client may share one."""

    def __init__(self, notice: OutageListener | None = None) -> None:
        self._notice = notice
        self._lock = threading.Lock()
        self._away = False
        self._reported: set[str] = set()

    def begin(self, reason: str, patience: float) -> None:
        """The server does not respond, and is retried for `patience` seconds. Notifies once per outage."""
        with self._lock:
            was_away, self._away = self._away, True
        if not was_away:
            self.report(f"Disconnected ({reason}); trying again {_describe_patience(patience)}")

    def end(self) -> None:
        """The server responds. Notifies if it was away."""
        if self._away:  # this runs at every response, so it takes no lock
            with self._lock:
                was_away, self._away = self._away, False
            if was_away:
                self.report(RECONNECTED)

    def report_once(self, text: str) -> None:
        """Notify the listener, unless it has had this text before."""
        with self._lock:
            is_new = text not in self._reported
            self._reported.add(text)
        if is_new:
            self.report(text)

    def report(self, text: str) -> None:
        """Notify the listener."""
        if self._notice is not None:
            self._notice(text)


def _describe_patience(seconds: float) -> str:
    if seconds == float("inf"):
        return "until it is back"
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"for up to {count} {unit}{'' if count == 1 else 's'}"
    return f"for up to {seconds:g} s"
