"""What every handler needs, joined by `app`."""

from __future__ import annotations

import secrets
import warnings
from dataclasses import dataclass, field
from types import ModuleType

from fastapi import Request
from pydantic.warnings import UnsupportedFieldAttributeWarning

from kanban_sdk.wire import (
    boards,
    bodies,
    bulk,
    comments,
    events,
    inbox,
    operations,
    presence,
    tickets,
    user_bodies,
    users,
    webhooks,
)
from kanban_server.actions.delivering import Deliveries
from kanban_server.actions.figures import Kept
from kanban_server.actions.quotas import Quotas
from kanban_server.api.large import Large
from kanban_server.api.roster import Roster
from kanban_server.api.shared import Shared
from kanban_server.live.hub import Hub
from kanban_server.live.notices import Notices
from kanban_server.live.post import Post
from kanban_server.live.presence import Presence
from kanban_server.rules.counts import Requests
from kanban_server.settings import Settings
from kanban_server.store.database import Database

SHARED_BYTES = 32 * 1024 * 1024
"""Encoded snapshots and lists that are kept, but for the last one, however large it is."""


@dataclass
class Parts:
    """The parts of a running server."""

    settings: Settings
    database: Database
    hub: Hub
    requests: Requests
    presence: Presence
    roster: Roster
    deliveries: Deliveries
    notices: Notices
    large: Large
    database_id: str | None = None
    """Which database it is (`store.identity`), where that can be told."""
    post: Post | None = None
    """The way to other instances through Redis, where there is one."""
    key: str = field(default_factory=lambda: f"kbn_local_{secrets.token_hex(24)}")
    """What those show who can read the server's own files (`api.local`). It looks like a token: no log holds it."""
    lanes: dict[int, int] = field(default_factory=dict)
    """Ticket to board, as far as known: changes of one board can share a commit."""
    shared: Shared = field(default_factory=lambda: Shared(SHARED_BYTES))
    """Snapshots and lists of whole boards that were last asked for."""
    flows: dict[int, Kept] = field(default_factory=dict)
    """Board to its flow, as far as its log was read."""

    @property
    def quotas(self) -> Quotas:
        """How much each person may make."""
        set_to = self.settings
        return Quotas(set_to.tokens_per_person, set_to.agents_per_person, set_to.boards_per_person)


def parts_of(request: Request) -> Parts:
    """The parts of the server that the request came to."""
    parts: Parts = request.app.state.parts
    return parts


def built_on_first_use(*modules: ModuleType) -> None:
    """Let Pydantic make the validators of the modules' types when a request first needs them, not at the start.

    Making them all took a quarter of the time that the server needs to start.
    """
    # FastAPI silences this about its own fields, but only while it makes their validators at once.
    warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
    for module in modules:
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                kind.__pydantic_config__ = {"defer_build": True}  # type: ignore[attr-defined]


built_on_first_use(
    boards, bodies, bulk, comments, events, inbox, operations, presence, tickets, user_bodies, users, webhooks
)
