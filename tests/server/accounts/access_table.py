"""Who may use which route: every route of the application, and what becomes of each kind of asker.

A new route needs a row in ROUTES: its right, and a request that would do something. What a right means stands in
RIGHTS, one word for each of the askers of the first line: `in` (carried out, or refused for the request's own sake),
`404` (not there for them), `403` (not allowed) and `401` (not known).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_RIGHTS = """
             admin board-admin member watcher server-viewer agent read-only elsewhere outsider disabled anonymous
public       in    in          in     in      in            in    in        in        in       in       in
known        in    in          in     in      in            in    in        in        in       401      401
nothing      404   404         404    404     404           404   404       404       404      401      401
see          in    in          in     in      in            in    in        404       404      401      401
change       in    in          in     403     403           in    403       404       404      401      401
arrange      in    in          403    403     403           403   403       404       404      401      401
audit        in    403         403    403     403           403   403       404       404      401      401
operate      in    403         403    403     403           403   403       403       403      401      401
make-board   in    in          in     in      403           in    403       403       in       401      401
edit-user    in    403         403    403     403           403   403       404       404      401      401
hand-out     in    in          in     in      in            403   403       403       in       401      401
profile      in    in          in     in      in            in    403       in        in       401      401
watch        in    in          in     in      in            in    403       404       404      401      401
own-token    in    404         in     404     404           404   403       403       404      401      401
machine      403   403         403    403     403           403   403       403       403      401      401
"""
_lines = [line.split() for line in _RIGHTS.strip().splitlines()]
ASKERS = _lines[0]
RIGHTS: dict[str, dict[str, str]] = {right: dict(zip(ASKERS, cells, strict=True)) for right, *cells in _lines[1:]}


@dataclass(frozen=True)
class Route:
    """One row: the right that it takes, and a request. `{ticket}` and the like name what the test has made."""

    right: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


STALE = {"If-Match": '"999999"'}
"""Whoever is let in is refused for the version: so nothing is deleted that the next one needs."""
SSE = {"Accept": "text/event-stream"}

ROUTES: dict[str, Route] = {
    # Pages, and what the server says of itself
    "GET /": Route("public", "/"),
    "GET /board/{board_id}": Route("public", "/board/{board}"),
    "GET /board/{board_id}/figures": Route("public", "/board/{board}/figures"),
    "GET /board/{board_id}/ticket/{ticket_id}": Route("public", "/board/{board}/ticket/{ticket}"),
    "GET /board/{board_id}/agents": Route("public", "/board/{board}/agents"),
    "GET /board/{board_id}/archive": Route("public", "/board/{board}/archive"),
    "GET /board/{board_id}/team": Route("public", "/board/{board}/team"),
    "GET /inbox": Route("public", "/inbox"),
    "GET /my-work": Route("public", "/my-work"),
    "GET /users": Route("public", "/users"),
    "GET /login": Route("public", "/login"),
    "GET /join": Route("public", "/join"),
    "GET /profile": Route("public", "/profile"),
    "GET /web/styles/joined.css": Route("public", "/web/styles/joined.css"),
    "GET /web/{path:path}": Route("public", "/web/app.js"),
    "GET /service-worker.js": Route("public", "/service-worker.js"),
    "GET /{path:path}": Route("nothing", "/no-such-page"),
    "GET /docs": Route("public", "/docs"),
    "GET /docs/oauth2-redirect": Route("public", "/docs/oauth2-redirect"),
    "GET /openapi.json": Route("public", "/openapi.json"),
    "GET /asyncapi.json": Route("public", "/asyncapi.json"),
    "GET /events.schema.json": Route("public", "/events.schema.json"),
    "GET /llms.txt": Route("public", "/llms.txt"),
    "GET /help": Route("public", "/help"),
    "GET /help/{name}": Route("public", "/help/agents.md"),
    "MOUNT /static-offline-docs": Route("public", "/static-offline-docs/swagger-ui.css"),
    "GET /health": Route("public", "/health"),
    "GET /ready": Route("public", "/ready"),
    "GET /metrics": Route("operate", "/metrics"),
    "POST /api/local/backup": Route("machine", "/api/local/backup", {"file": "/nowhere/x"}),
    "POST /api/local/trim": Route("machine", "/api/local/trim", {"board_id": 1, "before": ""}),
    "POST /api/local/repair": Route("machine", "/api/local/repair"),
    # Boards
    "GET /api/boards": Route("known", "/api/boards"),
    "POST /api/boards": Route("make-board", "/api/boards", {"name": "Another"}),
    "GET /api/boards/{board_id}": Route("see", "/api/boards/{board}"),
    "PUT /api/boards/{board_id}": Route("arrange", "/api/boards/{board}", {"name": "New"}, STALE),
    "PATCH /api/boards/{board_id}": Route("arrange", "/api/boards/{board}", {"name": "New"}, STALE),
    "DELETE /api/boards/{board_id}": Route("arrange", "/api/boards/{board}", None, STALE),
    "GET /api/boards/{board_id}/columns": Route("see", "/api/boards/{board}/columns"),
    "PUT /api/boards/{board_id}/columns": Route("arrange", "/api/boards/{board}/columns", ["A", "B"], STALE),
    "PATCH /api/boards/{board_id}/columns/{column_id}": Route(
        "arrange", "/api/boards/{board}/columns/1", {"limit": 5}, STALE
    ),
    "GET /api/boards/{board_id}/tickets": Route("see", "/api/boards/{board}/tickets"),
    "GET /api/boards/{board_id}/snapshot": Route("see", "/api/boards/{board}/snapshot"),
    "GET /api/boards/{board_id}/audit": Route("audit", "/api/boards/{board}/audit"),
    "GET /api/boards/{board_id}/base": Route("see", "/api/boards/{board}/base"),
    "GET /api/boards/{board_id}/events": Route("see", "/api/boards/{board}/events"),
    "GET /api/boards/{board_id}/events as a stream": Route("see", "/api/boards/{board}/events", None, SSE),
    "POST /api/boards/{board_id}/next": Route("change", "/api/boards/{board}/next", {}),
    "POST /api/boards/{board_id}/archive": Route("change", "/api/boards/{board}/archive", {}),
    "GET /api/presence": Route("known", "/api/presence"),
    "GET /api/boards/{board_id}/presence": Route("see", "/api/boards/{board}/presence"),
    "GET /api/boards/{board_id}/stats": Route("see", "/api/boards/{board}/stats"),
    "GET /api/boards/{board_id}/webhooks": Route("arrange", "/api/boards/{board}/webhooks"),
    "POST /api/boards/{board_id}/webhooks": Route(
        "arrange", "/api/boards/{board}/webhooks", {"url": "http://127.0.0.1:1/"}
    ),
    "DELETE /api/boards/{board_id}/webhooks/{webhook_id}": Route("arrange", "/api/boards/{board}/webhooks/999999"),
    "POST /api/boards/{board_id}/import": Route(
        "arrange", "/api/boards/{board}/import", {"tickets": [{"source_id": "a", "title": "b"}]}
    ),
    "GET /api/boards/{board_id}/members": Route("see", "/api/boards/{board}/members"),
    "POST /api/boards/{board_id}/members": Route("arrange", "/api/boards/{board}/members", {"user": "{member}"}),
    "DELETE /api/boards/{board_id}/members/{name:path}": Route("arrange", "/api/boards/{board}/members/{spare}"),
    # Tickets
    "GET /api/tickets": Route("see", "/api/tickets?board_id={board}"),
    "GET /api/tickets by search": Route("see", "/api/tickets?board_id={board}&search=secret"),
    "GET /api/search": Route("known", "/api/search?q=secret"),
    "POST /api/tickets": Route("change", "/api/tickets", {"title": "x", "board_id": "{board}"}),
    "GET /api/tickets/{ticket_id}": Route("see", "/api/tickets/{ticket}"),
    "PUT /api/tickets/{ticket_id}": Route("change", "/api/tickets/{ticket}", {"title": "y"}),
    "PATCH /api/tickets/{ticket_id}": Route("change", "/api/tickets/{ticket}", {"title": "z"}),
    "DELETE /api/tickets/{ticket_id}": Route("arrange", "/api/tickets/{ticket}", None, STALE),
    "POST /api/tickets/{ticket_id}/move": Route("change", "/api/tickets/{ticket}/move", {"column": "Done"}),
    "POST /api/tickets/{ticket_id}/claim": Route("change", "/api/tickets/{ticket}/claim", {}),
    "POST /api/tickets/{ticket_id}/claim with force": Route("arrange", "/api/tickets/{held}/claim", {"force": True}),
    "POST /api/tickets/{ticket_id}/lease": Route("change", "/api/tickets/{ticket}/lease", {}),
    "POST /api/tickets/{ticket_id}/done": Route("change", "/api/tickets/{ticket}/done", {"note": "seen"}),
    "POST /api/tickets/{ticket_id}/release": Route("change", "/api/tickets/{ticket}/release", {}),
    "POST /api/tickets/{ticket_id}/block": Route("change", "/api/tickets/{ticket}/block", {"on": ["{held}"]}),
    "POST /api/tickets/{ticket_id}/unblock": Route("change", "/api/tickets/{ticket}/unblock", {"on": ["{held}"]}),
    "POST /api/tickets/{ticket_id}/labels": Route("change", "/api/tickets/{ticket}/labels", {"add": ["a"]}),
    "POST /api/tickets/{ticket_id}/append": Route("change", "/api/tickets/{ticket}/append", {"text": "a"}),
    "POST /api/tickets/{ticket_id}/check": Route("change", "/api/tickets/{ticket}/check", {"number": 1}),
    "POST /api/tickets/{ticket_id}/links": Route(
        "change", "/api/tickets/{ticket}/links", {"add": ["https://a.example"]}
    ),
    "POST /api/tickets/{ticket_id}/redact": Route("arrange", "/api/tickets/{ticket}/redact", {"text": "no such text"}),
    "POST /api/tickets/{ticket_id}/restore": Route("change", "/api/tickets/{ticket}/restore", {}),
    "GET /api/tickets/{ticket_id}/files": Route("see", "/api/tickets/{ticket}/files"),
    "POST /api/tickets/{ticket_id}/files": Route("change", "/api/tickets/{ticket}/files?name=a.txt", "content"),
    "GET /api/tickets/{ticket_id}/files/{name}": Route("see", "/api/tickets/{ticket}/files/{file}"),
    "DELETE /api/tickets/{ticket_id}/files/{name}": Route("change", "/api/tickets/{ticket}/files/{file}"),
    "GET /api/tickets/{ticket_id}/why": Route("see", "/api/tickets/{ticket}/why"),
    "GET /api/history/tickets/{ticket_id}/history": Route("see", "/api/history/tickets/{ticket}/history"),
    "POST /api/tickets/{ticket_id}/withdraw": Route("change", "/api/tickets/{ticket}/withdraw", {}),
    "POST /api/tickets/{ticket_id}/ask": Route("change", "/api/tickets/{ticket}/ask", {"text": " "}),
    "POST /api/bulk/operations": Route(
        "change", "/api/bulk/operations", {"operations": [{"op": "comment", "ticket": "{ticket}", "text": "a"}]}
    ),
    "GET /api/inbox": Route("known", "/api/inbox"),
    "POST /api/inbox/read": Route("profile", "/api/inbox/read", {}),
    "GET /api/tickets/{ticket_id}/watch": Route("see", "/api/tickets/{ticket}/watch"),
    "PUT /api/tickets/{ticket_id}/watch": Route("watch", "/api/tickets/{ticket}/watch"),
    "DELETE /api/tickets/{ticket_id}/watch": Route("watch", "/api/tickets/{ticket}/watch"),
    "POST /api/bulk/tickets/move": Route(
        "change", "/api/bulk/tickets/move", {"ticket_ids": ["{ticket}"], "target_column": "Done", "atomic": True}
    ),
    "GET /api/comments/ticket/{ticket_id}": Route("see", "/api/comments/ticket/{ticket}"),
    "POST /api/comments": Route("change", "/api/comments", {"ticket_id": "{ticket}", "text": "hi"}),
    "PUT /api/comments/{comment_id}": Route("change", "/api/comments/{comment}", {"text": "hi"}),
    "PATCH /api/comments/{comment_id}": Route("change", "/api/comments/{comment}", {"text": "hi"}),
    "DELETE /api/comments/{comment_id}": Route("change", "/api/comments/{comment}"),
    "POST /api/markdown": Route("known", "/api/markdown", {"text": "a"}),
    # Users
    "POST /api/notices": Route("operate", "/api/notices", {"text": "hello", "users": ["nobody"]}),
    "GET /api/users": Route("known", "/api/users"),
    "POST /api/users": Route("operate", "/api/users", {"name": "{new}"}),
    "POST /api/users for an agent": Route("hand-out", "/api/users", {"name": "{new}", "kind": "agent"}),
    "POST /api/users for an agent with a team": Route(
        "operate", "/api/users", {"name": "{new}", "kind": "agent", "team": "red"}
    ),
    "GET /api/users/{name:path}": Route("see", "/api/users/{spare}"),
    "PATCH /api/users/{name:path}": Route("edit-user", "/api/users/{spare}", {"team": "red"}),
    "GET /api/avatars/{user_id}": Route("see", "/api/avatars/{spare_id}"),
    "GET /api/me": Route("known", "/api/me"),
    "PATCH /api/me": Route("profile", "/api/me", {"theme": "dark"}),
    "PATCH /api/me with a team": Route("operate", "/api/me", {"team": "{new}"}),
    "PUT /api/me/avatar": Route("profile", "/api/me/avatar", {}),
    "DELETE /api/me/avatar": Route("profile", "/api/me/avatar"),
    "GET /api/tokens": Route("known", "/api/tokens"),
    "POST /api/tokens": Route("hand-out", "/api/tokens", {"name": "new"}),
    "DELETE /api/tokens/{token_id}": Route("own-token", "/api/tokens/{token}"),
    "GET /api/session": Route("public", "/api/session"),
    "POST /api/session": Route("public", "/api/session", {"token": "{member_token}"}),
    "DELETE /api/session": Route("public", "/api/session"),
    "POST /api/invites": Route("hand-out", "/api/invites", {}),
    "POST /api/join": Route("public", "/api/join", {"invite": "none"}),
}
"""Method and path, with what tells two uses of one route apart behind it."""
ON_POSTGRESQL = (
    "GET /api/boards", "GET /api/boards/{board_id}", "PUT /api/boards/{board_id}/columns",
    "POST /api/boards/{board_id}/next", "DELETE /api/boards/{board_id}/members/{name:path}",
    "GET /api/tickets by search",
    "GET /api/tickets/{ticket_id}", "POST /api/tickets/{ticket_id}/move", "DELETE /api/tickets/{ticket_id}",
    "DELETE /api/comments/{comment_id}", "GET /api/users/{name:path}", "DELETE /api/tokens/{token_id}",
)  # fmt: skip
"""Rows that are run on PostgreSQL too: each kind of look-up once."""
SOCKETS = {"/ws/connect": "see"}
"""Sockets: the same rights, as close codes."""
PROTOCOLS = {"/mcp": "see"}
"""The tools for agents: whoever is known is let in, and finds what they may see."""
