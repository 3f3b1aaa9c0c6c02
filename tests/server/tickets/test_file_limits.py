"""Files have limits of their own: bytes, pixels, and uploads at a time."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.server.rest import done, new_board, new_ticket, problem, ticket_of
from tests.server.tickets.attaching import attach, attached
from tests.support.databases import Databases
from tests.support.pictures import picture
from tests.support.servers import Server, running
from tests.support.waiting import until


@pytest.fixture(scope="module")
def small_server(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server whose limits are quickly reached."""
    limits = {
        "KANBAN_FILE_BYTES": "2000", "KANBAN_TICKET_FILE_BYTES": "3000", "KANBAN_BOARD_FILE_BYTES": "5000",
        "KANBAN_IMAGE_PIXELS": "10000", "KANBAN_BODY_BYTES": "1500", "KANBAN_UPLOADS": "1",
    }  # fmt: skip
    with running(databases.make("sqlite", pytestconfig), **limits) as server:
        yield server


def test_files_have_limits_of_their_own(small_server: Server) -> None:
    with httpx.Client(base_url=small_server.url) as rest:
        board = new_board(rest)["id"]
        one, two, three = (int(new_ticket(rest, board)["id"]) for _ in range(3))
        attached(rest, one, "a.bin", b"a" * 2000)
        refused = problem(attach(rest, two, "b.bin", b"b" * 2001), "body-too-large")
        assert refused["limit"] == 2000
        chunks = rest.post(f"/api/tickets/{two}/files?name=b", content=(b"b" * 1000 for _ in range(3)))
        problem(chunks, "body-too-large")
        refused = problem(attach(rest, one, "b.bin", b"b" * 1001), "quota-exceeded")
        assert (refused["what"], refused["limit"], refused["count"]) == ("ticket_file_bytes", 3000, 2000)
        attached(rest, two, "b.bin", b"b" * 2000)
        refused = problem(attach(rest, three, "c.bin", b"c" * 1001), "quota-exceeded")
        assert (refused["what"], refused["limit"], refused["count"]) == ("board_file_bytes", 5000, 4000)
        done(rest.delete(f"/api/tickets/{one}/files/a.bin"))
        attached(rest, three, "c.bin", b"c" * 1001)
        too_big = rest.post("/api/comments", json={"ticket_id": one, "text": "x" * 1600})
        assert problem(too_big, "body-too-large")["limit"] == 1500


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(small_server: Server) -> None:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0\0\0\0\0"
    bomb = header + b"\0\0\0\x05IDATxxxxx\0\0\0\0" + b"\0\0\0\0IEND\xaeB`\x82"
    with httpx.Client(base_url=small_server.url) as rest:
        ticket = int(new_ticket(rest, 1)["id"])
        refused = problem(attach(rest, ticket, "bomb.png", bomb), "invalid-image")
        assert (refused["limit"], refused["width"]) == (10_000, 60_000)
        attached(rest, ticket, "good.png", picture("png", 100, 100))
        damaged = attached(rest, ticket, "damaged.png", picture("png")[:50])
        assert damaged["media_type"] == "application/octet-stream"
        assert [one["type"] for one in damaged["warnings"]] == ["picture-kept"]


def test_an_upload_that_stays_away_takes_one_place_and_no_other_change_waits(small_server: Server) -> None:
    with httpx.Client(base_url=small_server.url) as rest:
        ticket = int(new_ticket(rest, new_board(rest)["id"])["id"])
        head = f"POST /api/tickets/{ticket}/files?name=slow HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
        with socket.create_connection(("127.0.0.1", small_server.port)) as slow:
            slow.sendall(head.encode() + b"Content-Length: 900\r\n\r\n")
            assert slow.recv(1000).startswith(b"HTTP/1.1 100")
            slow.sendall(b"x" * 100)
            problem(attach(rest, ticket, "b.txt", b"b"), "too-many-requests")
            new_ticket(rest, 1)
        until(lambda: attach(rest, ticket, "c.txt", b"c").status_code == 201, within=5)
        assert "slow" not in [file["name"] for file in ticket_of(rest, ticket)["files"]]
