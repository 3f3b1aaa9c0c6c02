"""Who is who: what a request shows of itself, and whom that makes it.

What was found is remembered until the roster's version is another one, so that a request with a token costs one hash
and one look into a dictionary (docs/decisions/0009-remembered-tokens.md). Every server asks for the version each
second, and at once behind its own changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.requests import HTTPConnection

from kanban_server.rules import tokens as secrets
from kanban_server.rules.access import EVERYBODY, THE_SERVER, Viewer
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import clock
from kanban_server.store import tokens, users
from kanban_server.store.database import Database
from kanban_server.store.transaction import Transaction

log = logging.getLogger("kanban.api")

COOKIE = "kanban_session"
LOOK_SECONDS = 1.0
"""How often a server asks whether the roster has changed elsewhere."""
USED_SECONDS = 60.0
"""How often it is written down when tokens were last used."""
REMEMBERED = 10_000


class Shown(NamedTuple):
    """What a request shows of itself: the hash of a secret, and what kind of secret it is."""

    kind: secrets.Kind
    hash: bytes


class Roster:
    """Who may ask this server. `changed` is awaited when something of that is another way than it was."""

    def __init__(self, database: Database, changed: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._changed = changed
        self._looking = asyncio.Lock()
        """One look at a time: who comes second wants the first one's changes to hold as well."""
        self._version = -1
        self._known: dict[Shown, Viewer] = {}
        self._used: dict[int, str] = {}
        self.open = True
        """Whether there are no users, so that everybody may do everything."""

    async def viewer(self, shown: Shown | None) -> Viewer | None:
        """Whom a secret makes the one who shows it; None where it is no good, or there is none."""
        if self.open:
            return EVERYBODY
        if shown is None:
            return None
        viewer = self._known.get(shown) or await self._find(shown)
        if viewer is None or (viewer.until is not None and viewer.until <= clock()):
            return None
        if viewer.token_id is not None and viewer.token_id not in self._used:
            self._used[viewer.token_id] = clock()
        return viewer

    async def _find(self, shown: Shown) -> Viewer | None:
        version = self._version
        find = tokens.of_session if shown.kind == "session" else tokens.bearer
        viewer = await self._database.read(THE_SERVER, find, shown.hash)
        if viewer is not None and version == self._version:  # else it may be of before the change
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[shown] = viewer
        return viewer

    async def look(self) -> None:
        """Ask whether the roster has changed, and if so, see who is who from now on."""
        async with self._looking:
            version, empty = await self._database.read(THE_SERVER, users.version)
            if version != self._version:
                self._version, self.open = version, empty
                self._known.clear()
                await self._changed()

    async def write_down(self) -> None:
        """Write down when tokens were last used: lately, and not with each request."""
        used, self._used = self._used, {}
        if not used:
            return

        def write(tx: Transaction) -> None:
            for token_id, at in used.items():
                tx.run(tokens.USED, of_token=token_id, last_used_at=at)

        await self._database.write(THE_SERVER, write)

    async def keep_looking(self) -> None:
        """Look each second, for as long as the server runs."""
        turns = 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            turns += 1
            try:
                await self.look()
                if turns % int(USED_SECONDS / LOOK_SECONDS) == 0:
                    await self.write_down()
            except Exception as error:
                log.warning("Who may do what could not be looked up: %r", error)


def shown_by(headers: dict[bytes, bytes]) -> Shown | None:
    """What a request shows: a bearer's token wins over a cookie. Whatever can't be a secret of ours is nothing."""
    scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        given = given.strip()
        return Shown("token", secrets.hashed(given)) if secrets.is_one("token", given) else None
    session = session_in(headers.get(b"cookie", b"").decode("latin-1"))
    return Shown("session", secrets.hashed(session)) if session else None


def session_in(cookies: str) -> str | None:
    """The session that a Cookie header bears, where it can be one."""
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE and secrets.is_one("session", value):
            return value
    return None


def not_authenticated(headers: dict[bytes, bytes]) -> Refusal:
    """Why a request is turned away."""
    if b"authorization" in headers or b"cookie" in headers:
        detail = "The token, or the session, is not good here, or no longer."
    else:
        detail = "This server has users, and the request does not say whose it is."
    return Refusal(
        "not-authenticated", detail, fix="Send `Authorization: Bearer TOKEN`; at a shell: kanban login", login="/login"
    )


def ended_in(until: str) -> float:
    """In how many seconds that moment has passed."""
    return max(0.0, (datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds() + 0.05)


def viewer_of(connection: HTTPConnection) -> Viewer:
    """Who asks: what they may not see is not there for them."""
    viewer: Viewer = connection.scope["viewer"]
    return viewer


def shown_of(connection: HTTPConnection) -> Shown | None:
    """What the request showed of itself."""
    shown: Shown | None = connection.scope["shown"]
    return shown
