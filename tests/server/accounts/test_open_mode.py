"""Without tokens, a server answers only those who are at its machine, and the pages that they trust."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.rest import problem
from tests.support.servers import Server, clean_environment, running

STRANGERS = [
    "null", "https://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "file://",
    "http://evil.example:8000", "http://localhost:80@evil.example", "http://user@localhost", "localhost",
    "ftp://localhost", "http://", "http://[::2]", "http://0.0.0.0:8000", "http://localhost/path", "", "http://1270.0.0.1",
]  # fmt: skip
NEIGHBOURS = [
    "http://localhost", "http://localhost:5173", "https://127.0.0.1:8443", "http://[::1]:3000", "http://127.8.9.1:1",
    "HTTP://LocalHost:80",
]  # fmt: skip
REQUEST_HEADERS = "content-type,idempotency-key,if-match,kanban-lease,last-event-id,x-kanban-client,x-kanban-user"


def preflight(rest: httpx.Client, origin: str, path: str = "/api/tickets/1", **more: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": REQUEST_HEADERS,
        **more,
    }
    return rest.options(path, headers=headers)


def test_a_program_names_no_origin_and_is_let_in(rest: httpx.Client) -> None:
    response = rest.get("/api/boards/")
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("origin", NEIGHBOURS)
def test_pages_of_this_machine_may_read_answers_and_refusals(rest: httpx.Client, origin: str) -> None:
    headers = {"Origin": origin}
    for response in (
        rest.get("/api/boards/1", headers=headers),
        rest.get("/api/boards/99999999", headers=headers),
        rest.post("/api/boards/", content=b"x" * 2**20 + b"x", headers=headers),
        rest.get("/api/boards/1?x=%00", headers=headers),
    ):
        assert response.status_code != 403
        assert response.headers["access-control-allow-origin"] == origin
        exposed = response.headers["access-control-expose-headers"].lower().split(", ")
        assert {"etag", "idempotent-replayed", "retry-after"} <= set(exposed)
        assert "origin" in response.headers["vary"].lower()


def test_a_preflight_allows_all_that_our_clients_send(rest: httpx.Client) -> None:
    response = preflight(rest, "http://localhost:5173")
    assert response.status_code == 204
    assert response.content == b""
    assert response.headers["access-control-allow-origin"] == "http://localhost:5173"
    allowed = response.headers["access-control-allow-headers"].lower().replace(" ", "").split(",")
    assert set(allowed) >= set(REQUEST_HEADERS.split(","))
    methods = response.headers["access-control-allow-methods"].split(", ")
    assert set(methods) >= {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_pages_of_strangers_are_refused(rest: httpx.Client) -> None:
    before = rest.get("/api/boards/").json()
    for origin in STRANGERS:
        for response in (
            rest.post("/api/boards/", json={"name": "evil"}, headers={"Origin": origin}),
            rest.get("/api/boards/", headers={"Origin": origin}),
            preflight(rest, origin),
        ):
            problem(response, "origin-refused")
            assert "access-control-allow-origin" not in response.headers
    assert rest.get("/api/boards/").json() == before


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:80", "0.0.0.0", "[::2]:80", "", "localhost:x"]
)
def test_a_host_that_is_not_this_machine_is_refused(rest: httpx.Client, host: str) -> None:
    problem(rest.get("/api/boards/", headers={"Host": host}), "host-refused")
    problem(rest.get("/api/boards/", headers={"Host": host, "Origin": f"http://{host}"}), "host-refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1:80", "[::1]:8000", "127.1.2.3"])
def test_every_name_of_this_machine_is_answered(rest: httpx.Client, host: str) -> None:
    assert rest.get("/health", headers={"Host": host}).status_code == 200


def test_options_without_an_origin_is_no_preflight(rest: httpx.Client) -> None:
    problem(rest.options("/api/boards"), "method-not-allowed")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server beyond loopback that was asked for by name."""
    with running(
        str(tmp_path_factory.mktemp("public") / "kanban.db"),
        KANBAN_HOST="0.0.0.0",
        KANBAN_OPEN="1",
        KANBAN_HOSTS="board.example, other.example:81",
        KANBAN_ORIGINS="https://app.example, http://app.example:81/",
    ) as server:
        yield server


def test_a_browser_at_a_host_that_was_added_may_use_its_own_server(public: Server) -> None:
    with httpx.Client(base_url=public.url) as rest:
        for host in ("board.example", "board.example:8000", "Board.Example", "other.example:81"):
            for scheme in ("http", "https"):
                own = {"Host": host, "Origin": f"{scheme}://{host.lower()}"}
                assert rest.post("/api/boards/", json={"name": "mine"}, headers=own).status_code == 201
        problem(rest.get("/health", headers={"Host": "other.example:82"}), "host-refused")
        crossed = {"Host": "board.example", "Origin": "http://other.example:81"}
        problem(rest.get("/health", headers=crossed), "origin-refused")


@pytest.mark.parametrize("origin", ["https://app.example", "http://app.example:81"])
def test_origins_that_were_added_are_let_in(public: Server, origin: str) -> None:
    with httpx.Client(base_url=public.url, headers={"Host": "board.example"}) as rest:
        response = rest.get("/health", headers={"Origin": origin})
        assert response.headers["access-control-allow-origin"] == origin
        assert preflight(rest, origin).status_code == 204
        for stranger in ("http://app.example", "https://app.example:81", "https://evil.example", "null"):
            problem(rest.get("/health", headers={"Origin": stranger}), "origin-refused")


@pytest.mark.parametrize(
    ("host", "more"), [("0.0.0.0", {}), ("::", {"KANBAN_HOSTS": "board.example"}), ("10.1.2.3", {"KANBAN_OPEN": "1"})]
)
def test_beyond_loopback_a_server_refuses_to_start_unasked(tmp_path: Path, host: str, more: dict[str, str]) -> None:
    file = tmp_path / "kanban.db"
    started = subprocess.run(
        [sys.executable, "-m", "kanban_server", "--host", host, "--port", "0", "--database", str(file)],
        env=clean_environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode != 0
    assert started.stdout == ""
    assert "--open" in started.stderr
    assert "KANBAN_HOSTS" in started.stderr
    assert not file.exists()
