"""Build the application: create all components and connect them. No other module does this."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from kanban_server import chores
from kanban_server.actions import boards
from kanban_server.entry.authentication import Authenticator
from kanban_server.entry.large_responses import LargeResponses
from kanban_server.entry.problems import ProblemMiddleware
from kanban_server.entry.state import State
from kanban_server.files.storage import Storage
from kanban_server.files.upload_limit import UploadLimit
from kanban_server.http import openapi
from kanban_server.http.middleware.access_log import AccessLog
from kanban_server.http.middleware.rate_limit import RateLimit
from kanban_server.http.middleware.request_guard import OriginGuard
from kanban_server.http.routes import (
    admin,
    bulk,
    comments,
    files,
    health,
    help_pages,
    inbox,
    markdown,
    members,
    metrics,
    notices,
    pages,
    presence,
    schemas,
    search,
    stats,
    tickets,
    tokens,
    users,
    watching,
    webhooks,
)
from kanban_server.http.routes import boards as board_routes
from kanban_server.http.routes import events as event_routes
from kanban_server.live.hub import Hub
from kanban_server.live.instance_relay import InstanceRelay
from kanban_server.live.notices import Notices
from kanban_server.live.presence import Presence
from kanban_server.live.redis_bus import RedisBus
from kanban_server.live.remote_presence import RemotePresence
from kanban_server.mcp.endpoint import Endpoint
from kanban_server.rules.events import EncodedEvent
from kanban_server.rules.metrics import RequestMetrics
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings
from kanban_server.store import event_log
from kanban_server.store.database import Database
from kanban_server.store.database_id import database_id
from kanban_server.store.drivers import Driver
from kanban_server.store.queries import claims
from kanban_server.webhooks.delivery import Deliveries
from kanban_server.websocket import connection

ROUTERS = (
    tickets.router,
    board_routes.router,
    tickets.history_router,
    comments.router,
    files.router,
    bulk.router,
    inbox.router,
    watching.router,
    search.router,
    event_routes.router,
    stats.router,
    presence.router,
    users.router,
    tokens.router,
    members.router,
    notices.router,
    health.router,
    markdown.router,
    schemas.router,
    metrics.router,
    admin.router,
    webhooks.router,
)
"""The routers, the most frequently called first."""


def create_app(settings: Settings, driver: Driver, on_mcp_loaded: Callable[[], object] = lambda: None) -> Starlette:
    """The application for a migrated database. At shutdown it finishes all accepted work first.

    It changes no setting of its process. `on_mcp_loaded` is called when the first MCP request has loaded its package.
    """
    requests = RequestMetrics()
    mcp_endpoint = Endpoint(on_mcp_loaded)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        services = await _start_services(settings, driver, requests)
        app.state.server = services.state
        tasks = [asyncio.create_task(job) for job in services.jobs()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await mcp_endpoint.close()
            await services.close()

    described = [route for router in ROUTERS for route in router.routes]
    app = Starlette(
        routes=[
            *described,
            *openapi.description_routes(described),
            *pages.routes,
            *help_pages.routes,
            connection.route,
            mcp_endpoint.route,
            pages.missing,
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    # In place of Starlette's own middleware, which would do the same twice (docs/decisions/0021-plain-routes.md).
    guarded = OriginGuard(
        ProblemMiddleware(app.router),
        origins=settings.origins,
        hosts=settings.hosts,
        body_bytes=settings.body_bytes,
        file_bytes=settings.file_bytes,
    )
    rate_limited = RateLimit(guarded, settings=settings)
    logged = AccessLog(rate_limited, requests=requests, access_log=settings.access_log)
    app.middleware_stack = _under_prefix(logged, settings.prefix.rstrip("/"))
    return app


def _under_prefix(app: ASGIApp, prefix: str) -> ASGIApp:
    """The application at a path prefix."""

    async def set_prefix(scope: Scope, receive: Receive, send: Send) -> None:
        scope["root_path"] = prefix
        await app(scope, receive, send)

    return set_prefix if prefix else app


@dataclass(frozen=True)
class _Services:
    """The parts of a running server."""

    state: State
    relay: InstanceRelay | None

    def jobs(self) -> list[Coroutine[object, object, None]]:
        """What runs in the background for as long as the server does."""
        state = self.state
        services = [service for service in (self.relay, state.redis_bus) if service is not None]
        return [
            chores.delete_old_idempotency_records(state.database),
            chores.apply_due(state.database),
            chores.delete_files(state.database, state.storage, state.settings.deleted_file_days),
            state.presence.run(),
            state.authenticator.refresh_periodically(),
            state.deliveries.run(),
            state.database.watch_file(),
            *([state.database.share_core()] if state.settings.share_core else []),
            *(service.run() for service in services),
        ]

    async def close(self) -> None:
        """Finish accepted work and disconnect."""
        await self.state.presence.close()
        if self.state.redis_bus is not None:
            await self.state.redis_bus.close()
        with suppress(Refusal):
            await self.state.authenticator.save_last_used()
        await self.state.database.close()


async def _start_services(settings: Settings, driver: Driver, requests: RequestMetrics) -> _Services:
    """Open the database, and create and connect all parts."""

    async def read_after(board_id: int, seq: int, limit: int) -> list[EncodedEvent]:
        return await database.read(SYSTEM_VIEWER, event_log.read_after, board_id, seq, limit)

    async def holders(board_id: int) -> dict[str, list[int]]:
        return await database.read(SYSTEM_VIEWER, claims.read_holders, board_id)

    async def heads(board_ids: list[int], above: int) -> list[tuple[int, int]]:
        return await database.read(SYSTEM_VIEWER, event_log.read_heads, board_ids, above)

    def on_commit(events: list[EncodedEvent], committed_at: float) -> None:
        hub.publish(events, committed_at)
        if relay is not None:
            relay.announce(events)

    hub = Hub(read_after, max_recent_events=settings.ring_events, max_bytes=settings.ring_bytes)
    relay = InstanceRelay(hub, heads, read_after) if driver.lanes else None
    database = Database(driver, settings, on_commit)
    await database.write(SYSTEM_VIEWER, boards.create_first)
    authenticator = Authenticator(database, hub.reauthorize)
    await authenticator.refresh()
    redis_bus = None
    if relay is not None:
        if settings.redis_url:
            redis_bus = RedisBus(settings.redis_url, await database.read(SYSTEM_VIEWER, event_log.database_key))
        await relay.start(redis_bus)
    remote_presence = RemotePresence(redis_bus, settings.presence_seconds) if redis_bus else None
    state = State(
        settings,
        database,
        hub,
        requests,
        Presence(hub, holders, remote_presence),
        authenticator,
        Deliveries(database, hub, settings),
        Notices(redis_bus),
        LargeResponses(settings.answer_bytes),
        Storage(database, settings.files_path),
        UploadLimit(settings.uploads),
        await asyncio.to_thread(database_id, settings),
        redis_bus,
    )
    return _Services(state, relay)
