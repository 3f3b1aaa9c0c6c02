"""`/mcp` itself: its addresses, what it refuses, and a server without the package."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.wire.problems import MEDIA_TYPE
from tests.server.rest import problem
from tests.support.cli import ROOT
from tests.support.databases import Databases
from tests.support.mcp import WITHOUT_PACKAGE, agent
from tests.support.servers import Server, running
from tests.support.waiting import until

PING = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def test_the_board_is_named_in_the_address_by_the_agent_or_is_the_only_one(
    server: Server, kanban: Kanban, board: Board
) -> None:
    other = kanban.boards.create("Another board of several")
    with agent(f"{server.url}/mcp?board=another%20Board%20of%20several", "ada") as client:
        assert client("board_state")["board"] == other.id
        assert client("board_state", board=board.id)["board"] == board.id
    with agent(f"{server.url}/mcp", "ada") as client:
        known = client("board_state")["boards"]
        assert {"id": other.id, "name": other.name, "tickets": 0} in known
        assert client.refused("invalid-request", "ticket_list")["boards"]
    with agent(f"{server.url}/mcp?board=Nowhere", "ada") as client:
        assert "Nowhere" in client.refused("invalid-request", "ticket_next")["detail"]


def test_what_is_no_request_of_the_protocol_is_a_problem(server: Server) -> None:
    rest = httpx.Client(base_url=server.url, timeout=30)
    assert rest.post("/mcp", content=PING, headers=HEADERS).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert rest.post("/mcp/", content=PING, headers={**HEADERS, "Accept": "text/html"}).status_code == 200
    for method in ("GET", "DELETE", "PUT"):
        response = rest.request(method, "/mcp", headers={"Accept": "text/event-stream"})
        problem(response, "method-not-allowed")
        assert response.headers["allow"] == "POST"
    for type, content, headers in (
        ("unsupported-media-type", PING, {"Content-Type": "text/plain"}),
        ("invalid-request", b"{", {}),
        ("invalid-request", b'{"id": NaN}', {}),
        ("invalid-request", b'{"id": "\\ud800"}', {}),
        ("invalid-request", b"\xff", {}),
        ("body-too-large", b" " * 1_048_577, {}),
        ("host-refused", PING, {"Host": "evil.example"}),
        ("origin-refused", PING, {"Origin": "https://evil.example"}),
        ("invalid-name", PING, {"X-Kanban-User": "%ff"}),
        ("reserved-name", PING, {"X-Kanban-User": "system"}),
    ):
        problem(rest.post("/mcp", content=content, headers={**HEADERS, **headers}), type)
    for content in (b"[]", b"7", b"null", b"{}"):
        response = rest.post("/mcp", content=content, headers=HEADERS)
        assert (response.status_code, "error" in response.json()) == (400, True)


def test_the_server_does_not_load_the_package_before_it_is_needed() -> None:
    code = "import kanban_server.__main__, sys; sys.exit(any(name.startswith('mcp') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_server_without_the_package_says_how_to_get_it(
    databases: Databases, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_PACKAGE)
    database = databases.make("sqlite", pytestconfig)
    with running(database, PYTHONPATH=f"{tmp_path}:{ROOT}") as server:
        for _ in range(2):
            response = httpx.post(f"{server.url}/mcp", content=PING, headers=HEADERS)
            assert "agent-kanban[mcp]" in problem(response, "mcp-not-installed")["fix"]
        assert httpx.get(f"{server.url}/health").status_code == 200
        assert response.headers["content-type"] == MEDIA_TYPE


@pytest.mark.slow
def test_a_server_that_stops_lets_those_go_who_wait(databases: Databases, pytestconfig: pytest.Config) -> None:
    with (
        running(databases.make("sqlite", pytestconfig)) as server,
        agent(f"{server.url}/mcp", "ada") as ada,
        ThreadPoolExecutor(1) as pool,
    ):
        ada.tools()
        before = httpx.get(f"{server.url}/health").json()["connections"]
        waiting = pool.submit(lambda: ada("wait_events", seconds=40))
        until(lambda: httpx.get(f"{server.url}/health").json()["connections"] > before)
        assert server.stop() == 0
        assert waiting.result(timeout=10)["timed_out"]
