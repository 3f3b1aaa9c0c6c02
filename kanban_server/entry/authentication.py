"""Authentication: from the credential of a request to its viewer.

Viewers are cached until the version of users and memberships changes, so a request with a token costs one hash and one
dictionary look-up (docs/decisions/0009-remembered-tokens.md). Each server reads the version every second, and at once
after its own changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.requests import HTTPConnection

from kanban_server.clock import utc_now
from kanban_server.rules import tokens as token_rules
from kanban_server.rules.permissions import OPEN_MODE_VIEWER, SYSTEM_VIEWER, Viewer
from kanban_server.rules.problems import Refusal
from kanban_server.store.database import Database
from kanban_server.store.queries import tokens, users
from kanban_server.store.transaction import Transaction

log = logging.getLogger("kanban.api")

COOKIE = "kanban_session"
REFRESH_SECONDS = 1.0
"""Interval at which the version of users and memberships is read, for changes by other instances."""
LAST_USED_SECONDS = 60.0
"""Interval at which the last use of tokens is saved."""
CACHED_CREDENTIALS = 10_000


class Credential(NamedTuple):
    """The hash of the secret that a request sends, and the kind of secret."""

    kind: token_rules.Kind
    hash: bytes


class Authenticator:
    """Authenticates requests. `on_change` is awaited when users or memberships have changed."""

    def __init__(self, database: Database, on_change: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._on_change = on_change
        self._refresh_lock = asyncio.Lock()
        """Serializes refreshes: a second caller must see the changes of the first one."""
        self._version = -1
        self._viewers: dict[Credential, Viewer] = {}
        self._last_used: dict[int, str] = {}
        self.open = True
        """True while there are no users: then everybody may do everything."""

    async def viewer(self, credential: Credential | None) -> Viewer | None:
        """The viewer that a credential authenticates; None where it is invalid, expired or missing."""
        if self.open:
            return OPEN_MODE_VIEWER
        if credential is None:
            return None
        viewer = self._viewers.get(credential) or await self._load_viewer(credential)
        if viewer is None or (viewer.until is not None and viewer.until <= utc_now()):
            return None
        if viewer.token_id is not None and viewer.token_id not in self._last_used:
            self._last_used[viewer.token_id] = utc_now()
        return viewer

    async def _load_viewer(self, credential: Credential) -> Viewer | None:
        version = self._version
        load = tokens.viewer_of_session if credential.kind == "session" else tokens.viewer_of_token
        viewer = await self._database.read(SYSTEM_VIEWER, load, credential.hash)
        if viewer is not None and version == self._version:  # otherwise the viewer may predate the change
            if len(self._viewers) >= CACHED_CREDENTIALS:
                self._viewers.clear()
            self._viewers[credential] = viewer
        return viewer

    async def refresh(self) -> None:
        """Read the version of users and memberships; where it has changed, clear the cached viewers."""
        async with self._refresh_lock:
            version, empty = await self._database.read(SYSTEM_VIEWER, users.read_roster_version)
            if version != self._version:
                self._version, self.open = version, empty
                self._viewers.clear()
                await self._on_change()

    async def save_last_used(self) -> None:
        """Save when tokens were last used: one write for many requests."""
        last_used, self._last_used = self._last_used, {}
        if not last_used:
            return

        def write(tx: Transaction) -> None:
            for token_id, at in last_used.items():
                tx.run(tokens.UPDATE_LAST_USED, of_token=token_id, last_used_at=at)

        await self._database.write(SYSTEM_VIEWER, write)

    async def refresh_periodically(self) -> None:
        """Refresh every second, for as long as the server runs."""
        turns = 0
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            turns += 1
            try:
                await self.refresh()
                if turns % int(LAST_USED_SECONDS / REFRESH_SECONDS) == 0:
                    await self.save_last_used()
            except Exception as error:
                log.warning("Permissions could not be read: %r", error)


def credential_from_headers(headers: dict[bytes, bytes]) -> Credential | None:
    """The credential of a request: a bearer token wins over a cookie; malformed secrets count as none."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        token = token.strip()
        return Credential("token", token_rules.hash_secret(token)) if token_rules.is_secret("token", token) else None
    session = session_from_cookies(headers.get(b"cookie", b"").decode("latin-1"))
    return Credential("session", token_rules.hash_secret(session)) if session else None


def session_from_cookies(cookies: str) -> str | None:
    """The session secret in a Cookie header; None where there is no well-formed one."""
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE and token_rules.is_secret("session", value):
            return value
    return None


def not_authenticated(headers: dict[bytes, bytes]) -> Refusal:
    """The refusal of a request that has no valid credential."""
    if b"authorization" in headers or b"cookie" in headers:
        detail = "The token, or the session, is not good here, or no longer."
    else:
        detail = "This server has users, and the request does not say whose it is."
    return Refusal(
        "not-authenticated", detail, fix="Send `Authorization: Bearer TOKEN`; at a shell: kanban login", login="/login"
    )


def seconds_until(until: str) -> float:
    """Seconds until that time has passed."""
    return max(0.0, (datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds() + 0.05)


def viewer_of(connection: HTTPConnection) -> Viewer:
    """The viewer of a request; what they may not see is treated as nonexistent."""
    viewer: Viewer = connection.scope["viewer"]
    return viewer


def credential_of(connection: HTTPConnection) -> Credential | None:
    """The credential of a request."""
    credential: Credential | None = connection.scope["credential"]
    return credential
