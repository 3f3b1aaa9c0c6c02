"""An HTTP connection that does not wait for ever: who opens it has so long to send the head of a request."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own protocol; a peer that says nothing, or never comes to an end, is cut off.

    uvicorn times connections only once they have had an answer, so half-open ones would pile up.
    """

    head_seconds = 10.0
    """How long the head of the first request may take."""
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connects."""
        super().connection_made(transport)
        self._late = asyncio.get_running_loop().call_later(self.head_seconds, transport.abort)

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._in_time()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        super().connection_lost(exc)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def patient(head_seconds: float) -> type[Any]:
    """The protocol, with this patience."""
    return type("Patient", (PatientProtocol,), {"head_seconds": head_seconds})
