"""The tokens of the claims that this session made, so that its writes need no --lease.

A session is KANBAN_SESSION, or else the terminal's login and the folder; without either, nothing is kept. Each session
has a file of its own that only the user can read. No other session reads it: a program that lost its claim could write
under the claim of its successor.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kanban_sdk.calls import Call

if TYPE_CHECKING:
    from kanban_sdk.transport.blocking import BlockingTransport

T = TypeVar("T")

KEPT_SECONDS = 30 * 86_400
"""How long the file of a session is kept after its last claim."""
_TICKET_PATH = re.compile(r"/api/tickets/([0-9]+)(?:/([a-z]+))?")
_UNFENCED = frozenset({"claim", "restore"})
"""Requests that make a new claim or revive a ticket: a former claim does not matter to them."""


def session_key(environment: Mapping[str, str], folder: Path) -> str | None:
    """What identifies this session; None if nothing does."""
    if named := environment.get("KANBAN_SESSION"):
        return f"named {named}"
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
        self._file = _state_folder() / f"{_digest(session)}.json"
        self._owner = _digest(f"{server} {actor}")

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
        try:
            tokens: dict[str, dict[str, str]] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return tokens

    def _write(self, tokens: dict[str, dict[str, str]]) -> None:
        """Replace the file, and remove those of sessions that ended long ago. A folder that can't be written is no
        error: the claim is made, and --lease works."""
        temporary_file = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(temporary_file, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(tokens, file)
            temporary_file.replace(self._file)
            for file_path in self._file.parent.iterdir():
                if file_path.stat().st_mtime < time.time() - KEPT_SECONDS:
                    file_path.unlink(missing_ok=True)
        except OSError:
            return


def _tickets_in(response: object) -> list[dict[str, Any]]:
    """The tickets of a response: itself, and those in its fields `ticket` and `next`."""
    if not isinstance(response, dict):
        return []
    if "current_column" in response:
        return [response]
    return [ticket for name in ("ticket", "next") for ticket in _tickets_in(response.get(name))]


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "agent-kanban" / "sessions"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
