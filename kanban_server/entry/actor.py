"""The actor of a request: name, kind of client, lease token and origin."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

from starlette.requests import HTTPConnection

from kanban_server.entry.authentication import viewer_of
from kanban_server.entry.headers import header_of
from kanban_server.rules.actors import ANONYMOUS_ACTOR, Actor, check_user_name
from kanban_server.rules.permissions import check_name_matches
from kanban_server.rules.problems import Refusal

CLIENT_KINDS = frozenset({"web", "cli", "sdk", "mcp"})
USER_AGENT_MAX_CHARACTERS = 200


def actor_of(connection: HTTPConnection, explicit_name: str | None = None) -> Actor:
    """The actor: the token's user; on a server without users, `explicit_name`, else X-Kanban-User.

    Refused: `invalid-name`, `reserved-name`, and `name-mismatch` where the name differs from the token's user.
    """
    query_string: bytes = connection.scope["query_string"]
    query = parse_qs(query_string.decode("latin-1")) if b"force" in query_string else {}
    force = query.get("force", [""])[-1].lower() in {"1", "true", "yes"}
    lease = header_of(connection, b"kanban-lease")
    requested_name = explicit_name if explicit_name is not None and explicit_name.strip() else None
    client, viewer = client_of(connection), viewer_of(connection)
    if not viewer.open:
        check_name_matches(viewer, requested_name)
        address = connection.scope["client"][0] if connection.scope.get("client") else None
        agent = (header_of(connection, b"user-agent") or "")[:USER_AGENT_MAX_CHARACTERS] or None
        token = viewer.token
        return Actor(
            viewer.name, client, viewer.id, lease, token, address, agent, force, viewer.former_names, viewer.person_id,
            can=viewer.can,
        )  # fmt: skip
    if requested_name is None:
        requested_name = decode_user_header(header_of(connection, b"x-kanban-user"))
    name = (
        ANONYMOUS_ACTOR.name
        if requested_name is None or requested_name.strip() == ANONYMOUS_ACTOR.name
        else check_user_name(requested_name)
    )
    return Actor(name, client, lease=lease, force=force)


def decode_user_header(header: str | None) -> str | None:
    """The name in X-Kanban-User, percent-decoded. Refused: `invalid-name`."""
    if not header:
        return None
    try:
        return unquote(header, errors="strict")
    except UnicodeDecodeError as error:
        detail = "X-Kanban-User is not percent-encoded UTF-8."
        raise Refusal("invalid-name", detail, fix="Percent-encode the name as UTF-8.") from error


def client_of(connection: HTTPConnection, explicit_client: str | None = None) -> str | None:
    """The kind of client that the request states; None where it states none or an unknown one."""
    client = explicit_client or header_of(connection, b"x-kanban-client")
    return client if client in CLIENT_KINDS else None
