"""What Prometheus reads: the figures go up with what was done, and hold no names."""

from __future__ import annotations

import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from kanban_sdk import Board, Kanban, Resync
from tests.support.cli import ROOT
from tests.support.servers import Server

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(rest: httpx.Client) -> Figures:
    """Every sample by its name and labels."""
    response = rest.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def of(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)


def test_what_is_done_is_counted(server: Server, rest: httpx.Client, kanban: Kanban, board: Board) -> None:
    move = {"method": "POST", "route": "/api/tickets/{ticket_id}/move"}
    ticket = kanban.tickets.create("one", board=board.id)
    before = figures(rest)
    with connect(f"ws://127.0.0.1:{server.port}/ws/connect?board_id={board.id}&client=mcp&after=0") as reader:
        for _ in range(3):
            reader.recv(timeout=10)
        kanban.tickets.move(ticket.id, "Done")
        reader.recv(timeout=10)
        assert rest.post(f"/api/tickets/{ticket.id}/move", json={"column": "nowhere"}).status_code == 422
        with pytest.raises(Resync):
            kanban.boards.events(board.id, after=999)
        kanban.tickets.claim(kanban.tickets.create("two", board=board.id).id)
        during = figures(rest)

    def more(name: str, **labels: str) -> float:
        return of(during, name, **labels) - of(before, name, **labels)

    assert of(during, "kanban_connections", client="mcp") == 1
    assert more("kanban_requests_total", **move, status="200") == 1
    assert more("kanban_requests_total", **move, status="422") == 1
    assert more("kanban_client_requests_total", client="sdk") >= 4
    assert more("kanban_writes_total", result="kept") >= 3
    assert more("kanban_writes_total", result="refused") == 1
    assert more("kanban_events_total") >= 3
    assert more("kanban_event_seconds_count") >= 2
    assert more("kanban_commit_changes_count") >= 3
    assert more("kanban_replays_total") >= 1
    assert more("kanban_resyncs_total", reason="ahead") == 1
    assert more("kanban_claims") == 1
    assert of(during, "process_resident_memory_bytes") > 0


def test_every_metric_is_explained(rest: httpx.Client) -> None:
    documented = set(re.findall(r"^\| `(kanban_\w+)`", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
    exposed = set(re.findall(r"^# TYPE (kanban_\w+)", rest.get("/metrics").text, re.MULTILINE))
    assert exposed | {"kanban_redis_up"} == documented


def test_a_stranger_makes_no_labels(rest: httpx.Client) -> None:
    for path in ("/nothing/here/at/all", "/kbn_something"):
        rest.request("BREW", path, headers={"X-Kanban-Client": "teapot"})
        rest.get(path, headers={"Host": "evil.example"})
    output = rest.get("/metrics").text
    assert 'kanban_requests_total{method="GET",route="-",status="403"}' in output
    for strange in ("BREW", "teapot", "nothing", "something", "evil"):
        assert strange not in output
