"""The state that all handlers share, built by `app`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.requests import Request

from kanban_server.actions.accounts.quotas import Quotas
from kanban_server.actions.files import FileLimits
from kanban_server.actions.statistics import StatsCache
from kanban_server.entry.authentication import Authenticator
from kanban_server.entry.large_responses import LargeResponses
from kanban_server.entry.response_cache import ResponseCache
from kanban_server.entry.ticket_boards import TicketBoards
from kanban_server.files.storage import Storage
from kanban_server.files.upload_limit import UploadLimit
from kanban_server.live.hub import Hub
from kanban_server.live.next_queue import NextQueues
from kanban_server.live.notices import Notices
from kanban_server.live.presence import Presence
from kanban_server.live.redis_bus import RedisBus
from kanban_server.rules.metrics import RequestMetrics
from kanban_server.settings import Settings
from kanban_server.store.database import Database
from kanban_server.store.maintenance.analysis import Analysis
from kanban_server.webhooks.delivery import Deliveries

SHARED_BYTES = 32 * 1024 * 1024
"""Limit of the response cache; the last entry is kept, however large it is."""


@dataclass
class State:
    """The state of a running server."""

    settings: Settings
    database: Database
    hub: Hub
    requests: RequestMetrics
    presence: Presence
    authenticator: Authenticator
    deliveries: Deliveries
    notices: Notices
    large_responses: LargeResponses
    storage: Storage
    """The contents of files."""
    uploads: UploadLimit
    database_id: str | None = None
    """Identifies the database (`store.database_id`), where that is known."""
    redis_bus: RedisBus | None = None
    """Messages to other instances through Redis, where it is configured."""
    admin_key: str = field(default_factory=lambda: f"kbn_local_{secrets.token_hex(24)}")
    """Key of those who can read the server's own files (`http.routes.admin`); looks like a token, so logs redact it."""
    ticket_boards: TicketBoards = field(default_factory=TicketBoards)
    """Ticket to board, as far as known, so that changes of one board can share a commit."""
    next_queues: NextQueues = field(default_factory=NextQueues)
    """Those who wait for the next ticket of each board."""
    response_cache: ResponseCache = field(default_factory=lambda: ResponseCache(SHARED_BYTES))
    """The snapshots and lists of whole boards that were last requested."""
    board_flows: dict[int, StatsCache] = field(default_factory=dict)
    """Board to its flow statistics, as far as its event log was read."""
    analysis: Analysis = field(init=False)
    """Renews PostgreSQL's statistics after imports."""

    def __post_init__(self) -> None:
        self.analysis = Analysis(self.database)

    @property
    def quotas(self) -> Quotas:
        """How much each person may create."""
        settings = self.settings
        return Quotas(settings.tokens_per_person, settings.agents_per_person, settings.boards_per_person)

    @property
    def file_limits(self) -> FileLimits:
        """How many bytes files may have."""
        settings = self.settings
        return FileLimits(settings.file_bytes, settings.ticket_file_bytes, settings.board_file_bytes)


def state_of(request: Request) -> State:
    """The state of the server that received the request."""
    state: State = request.app.state.server
    return state
