"""Long answers are compressed for clients that accept gzip; answers that bear a secret never are."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from websockets.sync.client import connect

from tests.server.rest import done, new_ticket
from tests.support.people import Guarded

GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


def raw(rest: httpx.Client, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """A response, with its body as it was sent."""
    with rest.stream("GET", path, headers=headers) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize(
    "path",
    ["snapshot", "snapshot?bodies=false", "tickets", "events", "/api/tickets?board_id={board}", "/openapi.json"],
)
def test_a_long_answer_is_compressed_for_clients_that_accept_it(rest: httpx.Client, board_id: int, path: str) -> None:
    for _ in range(10):
        new_ticket(rest, board_id, description="The watch loses an event when the server restarts. " * 5)
    path = path.format(board=board_id) if path.startswith("/") else f"/api/boards/{board_id}/{path}"
    compressed, body = raw(rest, path, **GZIP)
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) == len(body)
    plain, plain_body = raw(rest, path, **PLAIN)
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(body) == plain_body
    assert 3 * len(body) < len(plain_body)
    for response in (compressed, plain):
        assert response.headers["vary"].lower() == "accept-encoding"


def test_a_snapshot_is_current_also_when_it_is_compressed(rest: httpx.Client, board_id: int) -> None:
    for number in range(3):
        new_ticket(rest, board_id, title=f"Ticket {number}", description="x" * 2000)
        for headers in (GZIP, PLAIN):
            snapshot = done(rest.get(f"/api/boards/{board_id}/snapshot", headers=headers))
            assert [ticket["title"] for ticket in snapshot["tickets"]] == [f"Ticket {n}" for n in range(number + 1)]


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip; q=0.000", "br, deflate"])
def test_a_client_that_does_not_accept_gzip_gets_plain_text(rest: httpx.Client, accepted: str) -> None:
    response, body = raw(rest, "/web/app.js", **{"Accept-Encoding": accepted})
    assert "content-encoding" not in response.headers
    assert b"import" in body


def test_a_page_preloads_its_modules_and_each_is_compressed_with_an_etag_of_its_own(rest: httpx.Client) -> None:
    page = rest.get("/board/1", headers=GZIP)
    modules = re.findall(r'<link rel="modulepreload" href="([^"]+)"', page.text)
    assert {"../web/app.js", "../web/lib/el.js"} <= set(modules)
    assert len(modules) == len(set(modules)) > 10
    for name in modules:
        etags = set()
        for headers in (GZIP, PLAIN):
            module = rest.get(name.removeprefix(".."), headers=headers)
            assert module.status_code == 200, name
            etags.add(module.headers["etag"])
            second = rest.get(name.removeprefix(".."), headers={**headers, "If-None-Match": module.headers["etag"]})
            assert second.status_code == 304
        assert len(etags) == (2 if len(module.content) >= 1024 else 1)


def test_an_answer_that_bears_a_secret_is_never_compressed(guarded: Guarded) -> None:
    guarded.person("rita-of-secrets")
    headers = {**GZIP, "Authorization": f"Bearer {guarded.root}"}
    with httpx.Client(base_url=guarded.server.url, headers=headers) as rest:
        token = rest.post("/api/tokens", json={"name": "t", "user": "rita-of-secrets"})
        invite = rest.post("/api/invites", json={"name": "ida-of-secrets"})
        responses = [
            token,
            invite,
            rest.post("/api/users", json={"name": "tom-of-secrets"}),
            rest.post("/api/join", json={"invite": invite.json()["secret"], "name": "ida-of-secrets"}),
            rest.post("/api/session", json={"token": token.json()["secret"]}),
            rest.post("/api/boards/1/webhooks", json={"url": f"https://8.8.8.8/{'x' * 1500}"}),
        ]
        rest.delete(f"/api/boards/1/webhooks/{responses[-1].json()['id']}").raise_for_status()
    assert [response.status_code for response in responses] == [201, 201, 201, 201, 200, 201]
    assert len(responses[-1].content) > 1024
    assert "secret" in responses[-1].json()
    for response in responses:
        assert not {"content-encoding", "vary"} & response.headers.keys()


def test_a_socket_is_never_compressed(rest: httpx.Client, board_id: int) -> None:
    address = str(rest.base_url).replace("http", "ws", 1)
    with connect(f"{address}/ws/connect?board_id={board_id}", compression="deflate") as socket:
        assert socket.response is not None
        assert "sec-websocket-extensions" not in socket.response.headers
        assert socket.protocol.extensions == []
