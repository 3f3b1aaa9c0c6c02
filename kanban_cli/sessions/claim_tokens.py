"""The tokens of the claims that this session made, so that its writes need no --lease.

A session is KANBAN_SESSION, or what the agent program sets instead (`session_files.py`, which describes the file), or
else the terminal's login and the folder; without any, nothing is kept. No other session reads its file: a program that
lost its claim could write under the claim of its successor.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kanban_cli.sessions import session_files
from kanban_sdk.calls import Call

if TYPE_CHECKING:
    from kanban_sdk.transport.blocking import BlockingTransport

T = TypeVar("T")

_TICKET_PATH = re.compile(r"/api/tickets/([0-9]+)(?:/([a-z]+))?")
_UNFENCED = frozenset({"claim", "restore"})
"""Requests that make a new claim or revive a ticket: a former claim does not matter to them."""


def session_key(environment: Mapping[str, str], folder: Path) -> str | None:
    """What identifies this session; None if nothing does."""
    if named := session_files.named_session(environment):
        return session_files.named_key(named)
    try:
        terminal = next(os.ttyname(stream) for stream in range(3) if os.isatty(stream))
        leader = os.getsid(0)
        started = Path(f"/proc/{leader}/stat").read_text().rpartition(")")[2].split()[19]
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, StopIteration, IndexError):
        return None
    return f"terminal {terminal} {boot} {leader} {started} {folder}"


def claimed_ticket(call: Call[Any]) -> int | None:
    """The ticket whose claim a write depends on, if it names one."""
    if not call.is_write:
        return None
    if call.path == "/api/comments" and isinstance(call.body, dict):
        return call.body.get("ticket_id")
    match = _TICKET_PATH.fullmatch(call.path)
    return int(match[1]) if match and match[2] not in _UNFENCED else None


class ClaimTokens:
    """The tokens of one session, for one server and one actor there."""

    def __init__(self, session: str, server: str, actor: str) -> None:
        self._path = session_files.tokens_path(session)
        self._owner = session_files.owner_key(server, actor)

    def get(self, ticket: int) -> str | None:
        """The token of the session's last claim of a ticket."""
        return self._read().get(self._owner, {}).get(str(ticket))

    def holds(self) -> list[int]:
        """The tickets that the session has claimed."""
        return sorted(map(int, self._read().get(self._owner, {})))

    def send(self, transport: "BlockingTransport", call: Call[T], *, explicit: bool) -> T:
        """Send a write under the session's claim of its ticket, unless a lease is named, and keep what it claims."""
        response: object = None

        def read(data: Any) -> T:
            nonlocal response
            response = data
            return call.read(data)

        ticket = claimed_ticket(call)
        lease = None if ticket is None or explicit else self.get(ticket)
        result = transport.send(replace(call, read=read, lease=call.lease or lease))
        self.update(response, claims=call.path.endswith(("/claim", "/next", "/done")))
        return result

    def update(self, response: object, *, claims: bool) -> None:
        """Keep the tokens of a response that `claims`, and forget those of tickets that nobody holds any more."""
        tickets = [ticket for ticket in _tickets_in(response) if isinstance(ticket.get("id"), int)]
        tokens = self._read()
        own = dict(tokens.get(self._owner, {}))
        for ticket in tickets:
            lease = ticket.get("lease")
            if claims and lease:
                own[str(ticket["id"])] = str(lease["token"])
            elif ticket.get("claim") is None:
                own.pop(str(ticket["id"]), None)
        if own != tokens.get(self._owner, {}):
            self._write({**tokens, self._owner: own})

    def _read(self) -> dict[str, dict[str, str]]:
        return session_files.read_tokens(self._path)

    def _write(self, tokens: dict[str, dict[str, str]]) -> None:
        session_files.write(self._path, tokens)


def _tickets_in(response: object) -> list[dict[str, Any]]:
    """The tickets of a response: itself, and those in its fields `ticket` and `next`."""
    if not isinstance(response, dict):
        return []
    if "current_column" in response:
        return [response]
    return [ticket for name in ("ticket", "next") for ticket in _tickets_in(response.get(name))]
