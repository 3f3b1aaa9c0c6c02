"""Build the application: create all components and connect them. No other module does this."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from kanban_sdk.wire import limits
from kanban_server import __version__
from kanban_server.actions import boards, leases
from kanban_server.entry.authentication import Authenticator
from kanban_server.entry.large_responses import LargeResponses
from kanban_server.entry.problems import ProblemMiddleware
from kanban_server.entry.state import State
from kanban_server.http import openapi
from kanban_server.http.middleware.access_log import AccessLog
from kanban_server.http.middleware.origin_guard import OriginGuard
from kanban_server.http.middleware.rate_limit import RateLimit
from kanban_server.http.routes import (
    admin,
    bulk,
    comments,
    health,
    inbox,
    markdown,
    members,
    metrics,
    notices,
    pages,
    presence,
    stats,
    tickets,
    tokens,
    users,
    webhooks,
)
from kanban_server.http.routes import boards as board_routes
from kanban_server.http.routes import events as event_routes
from kanban_server.http.routing import lean_route
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
from kanban_server.rules.timestamps import format_timestamp
from kanban_server.settings import Settings
from kanban_server.store import event_log
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.identity import database_id
from kanban_server.store.queries import claims, idempotency_records
from kanban_server.webhooks.delivery import Deliveries
from kanban_server.websocket import connection

logger = logging.getLogger("kanban")


ROUTERS = (
    tickets.router,
    board_routes.router,
    tickets.history_router,
    comments.router,
    bulk.router,
    inbox.router,
    event_routes.router,
    stats.router,
    presence.router,
    users.router,
    tokens.router,
    members.router,
    notices.router,
    health.router,
    markdown.router,
    pages.router,
    metrics.router,
    admin.router,
    webhooks.router,
)
"""The routers, the most frequently called first."""
GC_THRESHOLDS = (10_000, 20, 20)
"""Thresholds of the garbage collector. With Python's defaults it took a fifteenth of a busy server's time."""
SWITCH_SECONDS = 0.001
"""Seconds a thread waits at most for a thread that computes. With Python's default of 5 ms a busy server made up to a
twentieth fewer moves, because a writing thread waits again after each of its statements."""


def create_app(settings: Settings, driver: Driver) -> FastAPI:
    """The application for a migrated database. At shutdown it finishes all accepted work first."""
    requests = RequestMetrics()
    mcp_endpoint = Endpoint()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
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
        presence_tracker = Presence(
            hub, holders, RemotePresence(redis_bus, settings.presence_seconds) if redis_bus else None
        )
        deliveries = Deliveries(database, hub, settings)
        notice_hub, large_responses = Notices(redis_bus), LargeResponses(settings.answer_bytes)
        known = await asyncio.to_thread(database_id, settings)
        app.state.server = State(
            settings,
            database,
            hub,
            requests,
            presence_tracker,
            authenticator,
            deliveries,
            notice_hub,
            large_responses,
            known,
            redis_bus,
        )
        coroutines = [
            _delete_old_idempotency_records(database),
            _expire_leases(database),
            presence_tracker.run(),
            authenticator.refresh_periodically(),
            deliveries.run(),
        ]
        coroutines += [
            database.watch_file(),
            *(service.run() for service in (relay, redis_bus) if service is not None),
        ]
        tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
        gc.collect()
        gc.freeze()  # objects that live as long as the server need no collection: the collector determined the p99
        gc.set_threshold(*GC_THRESHOLDS)
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await mcp_endpoint.close()
            await presence_tracker.close()
            if redis_bus is not None:
                await redis_bus.close()
            with suppress(Refusal):
                await authenticator.save_last_used()
            await database.close()

    app: FastAPI = FastAPIOffline(
        title="Agent Kanban",
        version=__version__,
        description="The board that AI agents and people share.",
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        root_path=settings.prefix.rstrip("/"),
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics and the server's own log contain it
    )
    app.router.routes[:] = [lean_route(route) for route in app.router.routes]
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # include_router would make each request search a tree of routers
    app.router.routes += [connection.route, mcp_endpoint.route]
    openapi.install_openapi(app)
    # Left out: what FastAPI adds around its routes and this server does not need (docs/decisions/0010-lean-routes.md).
    guarded = OriginGuard(
        ProblemMiddleware(app.router.app),
        origins=settings.origins,
        hosts=settings.hosts,
        body_bytes=settings.body_bytes,
    )
    rate_limited = RateLimit(guarded, settings=settings)
    app.middleware_stack = AccessLog(rate_limited, requests=requests, access_log=settings.access_log)
    return app


async def _delete_old_idempotency_records(database: Database) -> None:
    """Every hour, delete the idempotency records that are older than a day."""
    while True:
        before = format_timestamp(datetime.now(UTC) - timedelta(hours=limits.IDEMPOTENCY_HOURS))
        try:
            await database.write(SYSTEM_VIEWER, lambda tx, before=before: idempotency_records.delete_before(tx, before))  # type: ignore[misc]
        except Exception as error:
            logger.warning("Old answers were not forgotten: %r", error)
        await asyncio.sleep(3600)


async def _expire_leases(database: Database) -> None:
    """Every two seconds, end expired leases, so that their tickets are free within five seconds."""
    while True:
        await asyncio.sleep(2)
        try:
            overdue = await database.read(SYSTEM_VIEWER, leases.boards_with_overdue_claims)
        except Exception as error:
            logger.warning("Leases that ran out were not looked for: %r", error)
            continue
        for board_id in overdue:
            try:
                await database.write(
                    SYSTEM_VIEWER, partial(leases.expire_board_claims, board_id=board_id), lane=board_id
                )
            except Exception as error:
                logger.warning("Leases that ran out on board %d were not ended: %r", board_id, error)
