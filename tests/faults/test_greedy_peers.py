"""Peers that take nothing of what they are sent: they are cut in time, and cost little memory and nobody's time."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from kanban_sdk import AsyncKanban, Kanban
from tests.conftest import Databases
from tests.faults.test_stalled_reader import TITLE
from tests.faults.validators import check_dense
from tests.server.rest import problem
from tests.support.peers import answer, dial, dialled, is_cut, request, seconds
from tests.support.raw import read_board
from tests.support.resident import resident
from tests.support.servers import Server, running
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MIB = 1024 * 1024
TEXT = "x" * 60_000
SSE = "Accept: text/event-stream"
UPGRADE = request(
    "GET", "/ws/connect?board_id=1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip
TEXT_FRAME, CONTINUED, PING, LAST, MASKED = 0x01, 0x00, 0x09, 0x80, 0x80


@pytest.fixture
def server(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server that cuts who takes nothing of an answer for half a second."""
    limits = {"KANBAN_STALL_SECONDS": "0.5", "KANBAN_HEAD_SECONDS": "0.5", "KANBAN_NAME_LIMIT": ""}
    with running(databases.make("sqlite", pytestconfig), **limits, KANBAN_ANSWER_BYTES=str(16 * MIB)) as server:
        yield server


def fill(kanban: Kanban, board: int, mib: float) -> None:
    """Let a board's list be so many MiB long."""
    left = int(mib * MIB / len(TEXT))
    while left:
        tickets = [{"source_id": f"s{left - number}", "title": "t", "description": TEXT} for number in range(min(left, 15))]
        httpx.post(f"{kanban.url}/api/boards/{board}/import", json={"tickets": tickets}).raise_for_status()
        left -= len(tickets)


def test_who_takes_nothing_of_an_answer_is_cut_and_who_takes_it_slowly_is_not(server: Server) -> None:
    with server.kanban("ada") as kanban:
        fill(kanban, 1, 8)
    asked = request("GET", "/api/boards/1/tickets", "Connection: close")
    with dial(server, asked, buffer=4096) as slow, dialled(server, 5, asked, buffer=4096) as stalled:
        taken = len(slow.recv(MIB))
        held = descriptors(server)
        while part := slow.recv(4096):
            taken += len(part)
        assert taken > 8 * MIB
        until(lambda: descriptors(server) <= held - 5, what="the end of those who take nothing")
        for peer in stalled:
            with suppress(ConnectionResetError):
                assert len(answer(peer)) < 8 * MIB


def descriptors(server: Server) -> int:
    from pathlib import Path

    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
