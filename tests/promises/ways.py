"""The interfaces: one change of two tickets, made through each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.server.rest import Json, done
from tests.support import mcp
from tests.support.actors import Actor

SOURCES = ("one", "two")


@dataclass(frozen=True)
class Outcome:
    """The result of a change."""

    refused: str | None
    """Problem type; `held` or `conflict` if an import reports it; None if the change was made."""
    replayed: bool = False
    problem: Json = field(default_factory=dict)


@dataclass
class Pair:
    """Two tickets of a board, which an import can find again, and an admin's client that checks them."""

    admin: httpx.Client
    board: int
    ids: list[int]

    def rows(self) -> list[Json]:
        """Return the current tickets."""
        return [done(self.admin.get(f"/api/tickets/{id}")) for id in self.ids]

    def head(self) -> int:
        """Return the seq of the board's newest event."""
        return int(done(self.admin.get(f"/api/boards/{self.board}/snapshot"))["seq"])

    def events(self) -> list[Json]:
        """Return the whole log."""
        page = done(self.admin.get(f"/api/boards/{self.board}/events", params={"after": 0, "limit": 500}))
        return list(page["events"])


def new_pair(admin: httpx.Client, board: int) -> Pair:
    """Create two tickets with a value in each field that a change could clear."""
    kept = {"description": "kept", "labels": ["kept"], "priority": "high", "acceptance_criteria": "- kept"}
    tickets = [{"source_id": source, "title": f"old {source}", **kept} for source in SOURCES]
    ids = done(admin.post(f"/api/boards/{board}/import", json={"tickets": tickets}))["ids"]
    return Pair(admin, board, [ids[source] for source in SOURCES])


def may(actor: Actor, way: str) -> bool:
    """Whether the actor may change tickets this way: imports are for admins of a board."""
    return actor.writes and (way != "import" or actor.kind in {"open", "server admin", "board admin"})


def change(actor: Actor, way: str, pair: Pair, *, key: str | None = None, version: int | None = None) -> Outcome:
    """Change a pair of tickets as an actor, both in one request if the way can. `version` is the expected version."""
    if way == "MCP":
        return _by_tool(actor, pair, key, version)
    method, path, body = _request(actor, way, pair, version)
    headers = {} if key is None else {"Idempotency-Key": key}
    response = actor.rest().request(method, path, json=body, headers=headers)
    answer = response.json()
    replayed = response.headers.get("idempotent-replayed") == "true"
    if not response.is_success:
        assert response.status_code < 500, answer
        return Outcome(answer["type"], problem=answer)
    if way == "import" and (answer["held"] or answer["conflicts"]):
        return Outcome("held" if answer["held"] else "conflict", replayed, answer)
    return Outcome(None, replayed)


def _request(actor: Actor, way: str, pair: Pair, version: int | None) -> tuple[str, str, Json | None]:
    first, second = pair.ids
    versioned = {} if version is None else {"version": version}
    match way:
        case "verbs":
            return "POST", f"/api/tickets/{first}/move", {"column": "In Progress", **versioned}
        case "bulk":
            body = {"ticket_ids": pair.ids, "target_column": "In Progress", "atomic": True}
            return "POST", "/api/bulk/tickets/move", body
        case "batch":
            operations: list[Json] = [
                {"op": "edit", "ticket": first, "title": "new one", **versioned},
                {"op": "label", "ticket": first, "add": ["new"]},
                {"op": "move", "ticket": second, "column": "In Progress"},
            ]
            return "POST", "/api/bulk/operations", {"operations": operations, "atomic": True}
        case "import":
            kept = {"description": "kept", "labels": ["kept"], "priority": "high", "acceptance_criteria": "- kept"}
            tickets = [{"source_id": source, "title": f"new {source}", **kept} for source in SOURCES]
            return "POST", f"/api/boards/{pair.board}/import", {"tickets": tickets}
    return "POST", f"/api/tickets/{first}/claim?agent_id={actor.name}", None


def _by_tool(actor: Actor, pair: Pair, key: str | None, version: int | None) -> Outcome:
    arguments: Json = {"ticket": pair.ids[0], "title": "new one", "add_labels": ["new"], "append": "and new"}
    arguments |= {name: value for name, value in {"key": key, "version": version}.items() if value is not None}
    with tools(actor) as agent:
        result = agent.result("ticket_update", **arguments)
    problem: Json = result.structured_content or {}
    return Outcome(problem["type"], problem=problem) if result.is_error else Outcome(None)


@contextmanager
def tools(actor: Actor) -> Iterator[mcp.Agent]:
    """Open the actor's MCP client."""
    shown = {"Authorization": f"Bearer {actor.token}"} if actor.token else {"X-Kanban-User": actor.name}
    with mcp.agent(f"{actor.server.url}/mcp?board={actor.board}", headers=shown) as agent:
        yield agent


@contextmanager
def socket(actor: Actor, query: str, *, stalled: bool = False) -> Iterator[ClientConnection]:
    """Open a WebSocket of the actor; a `stalled` one reads almost nothing, and does not wait for its own close."""
    options: dict[str, Any] = {"max_queue": 1, "close_timeout": 0.01} if stalled else {}
    headers = {"Authorization": f"Bearer {actor.token}"} if actor.token else {}
    name = "" if actor.token else f"&username={actor.name}"
    url = f"{actor.server.url.replace('http', 'ws')}/ws/connect?{query}{name}"
    with connect(url, additional_headers=headers, compression=None, max_size=None, **options) as connection:
        yield connection
