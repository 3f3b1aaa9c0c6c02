"""For each type of problem, a request that provokes it, and one that follows its `fix`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from tests.server.rest import Json, new_board, new_ticket


class Scene:
    """A board with a ticket that ada holds and a free one, and requests that can't be carried out there."""

    def __init__(self, rest: httpx.Client) -> None:
        self.rest = rest
        self.board: Json = new_board(rest)
        self.ticket: Json = new_ticket(rest, self.board["id"])
        self.free: Json = new_ticket(rest, self.board["id"])
        rest.post(f"/api/tickets/{self.ticket['id']}/claim?agent_id=ada")
        body = {"ticket_id": self.ticket["id"], "text": "hi", "author": "ada"}
        self.comment: Json = rest.post("/api/comments/", json=body).json()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        created = {"board": self.board, "ticket": self.ticket, "free": self.free, "comment": self.comment}
        sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        path = path.format(**{name: one["id"] for name, one in created.items()})
        return self.rest.request(method, path, json=body, headers=sent_headers)

    def add(self, **fields: Any) -> httpx.Response:
        return self.ask("POST", "/api/tickets/", {"title": "t", "board_id": self.board["id"], **fields})

    def raw(self, content: bytes, content_type: str) -> httpx.Response:
        return self.rest.post("/api/tickets/", content=content, headers={"Content-Type": content_type})

    def reuse_key(self) -> httpx.Response:
        key = str(uuid.uuid4())
        self.ask("PATCH", "/api/tickets/{ticket}", {"title": "one"}, idempotency_key=key)
        return self.ask("PATCH", "/api/tickets/{ticket}", {"title": "two"}, idempotency_key=key)

    def edit_archived(self) -> httpx.Response:
        self.ask("POST", "/api/tickets/{free}/move", {"column": "Done"})
        self.ask("POST", "/api/boards/{board}/archive", {"days": 0})
        return self.ask("PATCH", "/api/tickets/{free}", {"title": "again"})

    def write_late(self) -> httpx.Response:
        token = self.ask("POST", "/api/tickets/{free}/claim", {"claimed_by": "bob"}).json()["lease"]["token"]
        self.ask("POST", "/api/tickets/{free}/release", x_kanban_user="bob")
        return self.ask("PATCH", "/api/tickets/{free}", {"title": "late"}, kanban_lease=token)

    def overfill(self) -> httpx.Response:
        column = self.board["column_settings"][2]["id"]
        self.ask("PATCH", f"/api/boards/{{board}}/columns/{column}", {"limit": 1})
        self.add(current_column="Blocked")
        return self.ask("POST", "/api/tickets/{free}/move", {"column": "Blocked"})

    def hold_too_many(self) -> httpx.Response:
        self.ask("PUT", "/api/boards/{board}", {"wip_per_user": 1})
        return self.ask("POST", "/api/tickets/{free}/claim", {"claimed_by": "ada"})

    def wait_in_a_circle(self) -> httpx.Response:
        self.ask("POST", "/api/tickets/{free}/block", {"on": [self.ticket["id"]]})
        return self.ask("POST", "/api/tickets/{ticket}/block", {"on": [self.free["id"]]})

    def accept_ones_own(self) -> httpx.Response:
        self.ask("PUT", "/api/boards/{board}", {"review": True})
        self.ask("POST", "/api/tickets/{free}/claim", {"claimed_by": "bob"})
        return self.ask("POST", "/api/tickets/{free}/move", {"column": "Done", "moved_by": "bob"})

    def be_done_too_early(self) -> httpx.Response:
        self.ask("PUT", "/api/boards/{board}", {"require": ["criteria"]})
        self.ask("PATCH", "/api/tickets/{free}", {"acceptance_criteria": "one"})
        return self.ask("POST", "/api/tickets/{free}/move", {"column": "Done"})


class Provoked(NamedTuple):
    """How a refusal comes about, the facts that it gives, and what its `fix` says to do."""

    ask: Callable[[Scene], httpx.Response]
    facts: set[str]
    follow: Callable[[Scene, Json], httpx.Response]


PROVOKED: dict[str, Provoked] = {
    "invalid-request": Provoked(
        lambda scene: scene.add(title=5),
        {"errors", "fix"},
        lambda scene, _: scene.add(title="5"),
    ),
    "invalid-cursor": Provoked(
        lambda scene: scene.ask("GET", "/api/boards/{board}/events?after=x-y"),
        {"fix"},
        lambda scene, _: scene.ask("GET", "/api/boards/{board}/events?after=0"),
    ),
    "unsupported-media-type": Provoked(
        lambda scene: scene.raw(b"title=x", "application/x-www-form-urlencoded"),
        {"fix"},
        lambda scene, _: scene.raw(b'{"title": "x", "board_id": 1}', "application/json"),
    ),
    "method-not-allowed": Provoked(
        lambda scene: scene.ask("DELETE", "/health"),
        {"allow"},
        lambda scene, problem: scene.ask(problem["allow"].split(", ")[0], "/health"),
    ),
    "body-too-large": Provoked(
        lambda scene: scene.add(description="x" * 1024 * 1024),
        {"limit", "fix"},
        lambda scene, problem: scene.add(description="x" * (problem["limit"] // 32)),
    ),
    "title-too-long": Provoked(
        lambda scene: scene.add(title="x" * 201),
        {"limit", "length", "fix"},
        lambda scene, problem: scene.add(
            title="x" * problem["limit"], description="x" * (problem["length"] - problem["limit"])
        ),
    ),
    "text-too-long": Provoked(
        lambda scene: scene.add(description="x" * 65537),
        {"limit", "size", "field", "fix"},
        lambda scene, problem: scene.add(**{problem["field"]: "x" * problem["limit"]}),
    ),
    "page-too-large": Provoked(
        lambda scene: scene.ask("GET", "/api/tickets/?board_id={board}&page_size=501"),
        {"limit"},
        lambda scene, problem: scene.ask("GET", f"/api/tickets/?board_id={{board}}&page_size={problem['limit']}"),
    ),
    "invalid-name": Provoked(
        lambda scene: scene.add(created_by="x" * 65),
        {"limit", "fix"},
        lambda scene, problem: scene.add(created_by="x" * problem["limit"]),
    ),
    "name-required": Provoked(
        lambda scene: scene.ask("POST", "/api/tickets/{free}/claim"),
        {"fix"},
        lambda scene, _: scene.ask("POST", "/api/tickets/{free}/claim", x_kanban_user="bob"),
    ),
    "reserved-name": Provoked(
        lambda scene: scene.add(created_by="system"),
        {"name", "fix"},
        lambda scene, _: scene.add(created_by="ada"),
    ),
    "invalid-priority": Provoked(
        lambda scene: scene.add(priority="soon"),
        {"priorities", "fix"},
        lambda scene, problem: scene.add(priority=problem["priorities"][0]),
    ),
    "unknown-column": Provoked(
        lambda scene: scene.add(current_column="x"),
        {"columns", "fix"},
        lambda scene, problem: scene.add(current_column=problem["columns"][0]),
    ),
    "invalid-columns": Provoked(
        lambda scene: scene.ask("PUT", "/api/boards/{board}/columns", ["a", "A"]),
        {"fix"},
        lambda scene, _: scene.ask("PUT", "/api/boards/{board}/columns?move_to=a", ["a", "B"]),
    ),
    "other-board": Provoked(
        lambda scene: scene.ask("PUT", "/api/tickets/{ticket}", {"board_id": 1}),
        {"fix"},
        lambda scene, _: scene.add(board_id=1, description=f"see {scene.ticket['id']}"),
    ),
    "not-found": Provoked(
        lambda scene: scene.ask("GET", "/api/boards/9007199254740991"),
        {"what", "id", "fix"},
        lambda scene, problem: scene.ask("GET", f"/api/{problem['what']}s"),
    ),
    "resync": Provoked(
        lambda scene: scene.ask("GET", "/api/boards/{board}/events?after=999"),
        {"reason", "floor", "head", "fix"},
        lambda scene, problem: scene.ask("GET", problem["fix"].split()[1]),
    ),
    "version-conflict": Provoked(
        lambda scene: scene.ask("PUT", "/api/tickets/{ticket}", {"title": "x", "version": 1}),
        {"current_version", "current", "changed", "fix"},
        lambda scene, problem: scene.ask(
            "PUT", "/api/tickets/{ticket}", {"title": "x", "version": problem["current_version"]}
        ),
    ),
    "column-in-use": Provoked(
        lambda scene: scene.ask("PUT", "/api/boards/{board}/columns", ["A"]),
        {"column", "tickets", "fix"},
        lambda scene, _: scene.ask("PUT", "/api/boards/{board}/columns?move_to=A", ["A"]),
    ),
    "archived": Provoked(
        lambda scene: scene.edit_archived(),
        {"ticket_id", "fix"},
        lambda scene, problem: scene.ask("POST", f"/api/tickets/{problem['ticket_id']}/restore"),
    ),
    "already-claimed": Provoked(
        lambda scene: scene.ask("POST", "/api/tickets/{ticket}/claim?agent_id=bob"),
        {"ticket_id", "held_by", "expires_at", "fix"},
        lambda scene, _: scene.ask("POST", "/api/tickets/{free}/claim?agent_id=bob"),
    ),
    "lease-lost": Provoked(
        lambda scene: scene.write_late(),
        {"ticket_id", "held_by", "fix"},
        lambda scene, problem: scene.ask("POST", f"/api/tickets/{problem['ticket_id']}/claim", {"claimed_by": "bob"}),
    ),
    "column-full": Provoked(
        lambda scene: scene.overfill(),
        {"column", "limit", "fix"},
        lambda scene, problem: scene.ask(
            "POST", "/api/tickets/{free}/move", {"column": problem["column"], "force": True}
        ),
    ),
    "user-limit": Provoked(
        lambda scene: scene.hold_too_many(),
        {"limit", "held", "fix"},
        lambda scene, _: (
            scene.ask("POST", "/api/tickets/{ticket}/release", x_kanban_user="ada")
            and scene.ask("POST", "/api/tickets/{free}/claim", {"claimed_by": "ada"})
        ),
    ),
    "dependency-cycle": Provoked(
        lambda scene: scene.wait_in_a_circle(),
        {"path", "fix"},
        lambda scene, problem: (
            scene.ask("POST", f"/api/tickets/{problem['path'][1]}/unblock", {"on": [problem["path"][2]]})
            and scene.ask("POST", f"/api/tickets/{problem['path'][0]}/block", {"on": [problem["path"][1]]})
        ),
    ),
    "review-required": Provoked(
        lambda scene: scene.accept_ones_own(),
        {"ticket_id", "held_by", "fix"},
        lambda scene, problem: scene.ask(
            "POST", f"/api/tickets/{problem['ticket_id']}/release", {"column": "Blocked", "released_by": "bob"}
        ),
    ),
    "unmet": Provoked(
        lambda scene: scene.be_done_too_early(),
        {"ticket_id", "unmet", "fix"},
        lambda scene, problem: (
            scene.ask("POST", f"/api/tickets/{problem['ticket_id']}/check", {"number": 1})
            and scene.ask("POST", f"/api/tickets/{problem['ticket_id']}/move", {"column": "Done"})
        ),
    ),
    "idempotency-mismatch": Provoked(
        lambda scene: scene.reuse_key(),
        {"fix"},
        lambda scene, _: scene.ask("PATCH", "/api/tickets/{ticket}", {"title": "two"}, idempotency_key="new"),
    ),
    "origin-refused": Provoked(
        lambda scene: scene.ask("GET", "/health", origin="https://evil.example"),
        {"fix"},
        lambda scene, _: scene.ask("GET", "/health", origin="http://localhost:5173"),
    ),
    "host-refused": Provoked(
        lambda scene: scene.ask("GET", "/health", host="evil.example"),
        {"fix"},
        lambda scene, _: scene.ask("GET", "/health", host="localhost"),
    ),
    "not-author": Provoked(
        lambda scene: scene.ask("DELETE", "/api/comments/{comment}?deleted_by=bob"),
        {"author", "fix"},
        lambda scene, _: scene.ask(
            "POST", "/api/comments/", {"ticket_id": scene.ticket["id"], "text": "mine", "author": "bob"}
        ),
    ),
}
