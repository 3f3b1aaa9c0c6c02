"""The parts, joined. Nothing else joins them."""

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
from kanban_server.actions import boards, holding
from kanban_server.actions.delivering import Deliveries
from kanban_server.api import boards as boards_api
from kanban_server.api import (
    bulk,
    comments,
    health,
    inbox,
    local,
    log,
    markdown,
    members,
    metrics,
    notices,
    openapi,
    pages,
    presence,
    stats,
    stream,
    tickets,
    tokens,
    users,
    webhooks,
)
from kanban_server.api.guard import Guard
from kanban_server.api.large import Large
from kanban_server.api.limited import Limited
from kanban_server.api.mcp import Door
from kanban_server.api.observed import Observed
from kanban_server.api.parts import Parts
from kanban_server.api.problems import Problems
from kanban_server.api.roster import Roster
from kanban_server.api.routes import strict
from kanban_server.live.elsewhere import Elsewhere
from kanban_server.live.hub import Hub
from kanban_server.live.notices import Notices
from kanban_server.live.post import Post
from kanban_server.live.presence import Presence
from kanban_server.live.relay import Relay
from kanban_server.rules.access import THE_SERVER
from kanban_server.rules.counts import Requests
from kanban_server.rules.events import Logged
from kanban_server.rules.refusals import Refusal
from kanban_server.rules.times import timestamp
from kanban_server.settings import Settings
from kanban_server.store import answers, journal
from kanban_server.store import claims as held
from kanban_server.store.database import Database
from kanban_server.store.drivers import Driver
from kanban_server.store.identity import database_id

logger = logging.getLogger("kanban")


ROUTERS = (
    tickets.router,
    boards_api.router,
    tickets.more,
    comments.router,
    bulk.router,
    inbox.router,
    log.router,
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
    local.router,
    webhooks.router,
)
"""The routes, those that are called most first."""
COLLECTED = (10_000, 20, 20)
"""The collector's thresholds: with those of Python it took one part in fifteen of a busy server's time."""
SWITCH_SECONDS = 0.001
"""How long a thread waits at most for another that computes. With the 5 ms that are usual, a busy server made up to a
twentieth fewer moves: a writing thread waits anew behind each of its statements."""


def create_app(settings: Settings, driver: Driver) -> FastAPI:
    """The application over a database that is migrated. It stops when all that was accepted is done."""
    requests = Requests()
    tools = Door()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async def read_after(board_id: int, seq: int, most: int) -> list[Logged]:
            return await database.read(THE_SERVER, journal.after, board_id, seq, most)

        async def holders(board_id: int) -> dict[str, list[int]]:
            return await database.read(THE_SERVER, held.holders, board_id)

        async def heads(boards: list[int], above: int) -> list[tuple[int, int]]:
            return await database.read(THE_SERVER, journal.heads, boards, above)

        def committed(events: list[Logged], at: float) -> None:
            hub.publish(events, at)
            if relay is not None:
                relay.tell(events)

        hub = Hub(read_after, recent=settings.ring_events, most=settings.ring_bytes)
        relay = Relay(hub, heads, read_after) if driver.lanes else None
        database = Database(driver, settings, committed)
        await database.write(THE_SERVER, boards.create_first)
        roster = Roster(database, hub.recheck)
        await roster.look()
        post = None
        if relay is not None:
            if settings.redis_url:
                post = Post(settings.redis_url, await database.read(THE_SERVER, journal.key))
            await relay.begin(post)
        people = Presence(hub, holders, Elsewhere(post, settings.presence_seconds) if post else None)
        deliveries = Deliveries(database, hub, settings)
        told, large = Notices(post), Large(settings.answer_bytes)
        known = await asyncio.to_thread(database_id, settings)
        app.state.parts = Parts(settings, database, hub, requests, people, roster, deliveries, told, large, known, post)
        works = [_forget_answers(database), _reap(database), people.run(), roster.keep_looking(), deliveries.run()]
        works += [
            database.share_core(),
            database.watch_file(),
            *(part.run() for part in (relay, post) if part is not None),
        ]
        chores = [asyncio.create_task(work) for work in works]
        gc.collect()
        gc.freeze()  # what lives as long as the server need not be looked at again: the collector was the p99
        gc.set_threshold(*COLLECTED)
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await tools.close()
            await people.close()
            if post is not None:
                await post.close()
            with suppress(Refusal):
                await roster.write_down()
            await database.close()

    app: FastAPI = FastAPIOffline(
        title="Agent Kanban",
        version=__version__,
        description="The board that AI agents and people share.",
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        root_path=settings.prefix.rstrip("/"),
        telemetry={"tracing": False, "metrics": False, "logs": False},  # /metrics and our own log tell it
    )
    app.router.routes[:] = [strict(route) for route in app.router.routes]
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # include_router would have each request walk a tree of routers
    app.router.routes += [stream.route, tools.route]
    openapi.describe(app)
    # What FastAPI puts around its routes for others' sake is left out (docs/decisions/0010-lean-routes.md).
    guarded = Guard(
        Problems(app.router.app), origins=settings.origins, hosts=settings.hosts, body_bytes=settings.body_bytes
    )
    limited = Limited(guarded, settings=settings)
    app.middleware_stack = Observed(limited, requests=requests, access_log=settings.access_log)
    return app


async def _forget_answers(database: Database) -> None:
    """Every hour, forget what was answered to idempotency keys a day ago."""
    while True:
        before = timestamp(datetime.now(UTC) - timedelta(hours=limits.IDEMPOTENCY_HOURS))
        try:
            await database.write(THE_SERVER, lambda tx, before=before: answers.forget(tx, before))  # type: ignore[misc]
        except Exception as error:
            logger.warning("Old answers were not forgotten: %r", error)
        await asyncio.sleep(3600)


async def _reap(database: Database) -> None:
    """Every two seconds, end the leases that ran out, so that they are free within five."""
    while True:
        await asyncio.sleep(2)
        try:
            overdue = await database.read(THE_SERVER, holding.overdue)
        except Exception as error:
            logger.warning("Leases that ran out were not looked for: %r", error)
            continue
        for board_id in overdue:
            try:
                await database.write(THE_SERVER, partial(holding.reap, board_id=board_id), lane=board_id)
            except Exception as error:
                logger.warning("Leases that ran out on board %d were not ended: %r", board_id, error)
