"""Memory of an idle server and of an open socket. Read from /proc: Linux only."""

from __future__ import annotations

from pathlib import Path

from benchmarks import boards
from benchmarks.client import Connection, run
from benchmarks.figures import Row, Target
from benchmarks.readers import Audience
from benchmarks.servers import Plan, Server, broadcast, database, endpoint, kanban_on

SOCKETS = 1_000
FIRST = 10
"""Sockets to open before counting: the first ones load what all need."""
IDLE_KIB, SOCKET_KIB = 80 * 1024, 35
BROADCAST, ENDPOINT = "bare broadcast", "bare endpoint"


def measure(plan: Plan) -> list[Row]:
    """Measure a row for the idle server and one for a socket."""
    if not Path("/proc/self/status").exists():
        return [Row("not measured: there is no /proc")]
    room = {"KANBAN_CONNECTIONS": str(2 * SOCKETS)}
    with database(plan) as address, endpoint() as bare, broadcast(500) as floor:
        with kanban_on(address):
            pass  # creating the tables loads code that is needed only once per database
        with kanban_on(address, **room) as ours:
            return run(_measure(ours, bare, floor))


async def _measure(ours: Server, bare: Server, floor: Server) -> list[Row]:
    for server in (ours, bare):
        await (await Connection.open(server.port)).json("GET", "/health")
    idle, bare_idle = resident(ours), resident(bare)
    board, _ = await boards.board(ours.port, 1)
    mine, its = await _a_socket(ours, board), await _a_socket(floor, 1)
    return [
        Row(f"{ENDPOINT}, idle", figures={"KiB": bare_idle}),
        Row("server, idle", {ENDPOINT: idle / bare_idle}, {"KiB": idle}, Target("KiB", "≤", IDLE_KIB)),
        Row(f"{BROADCAST}, a socket of {SOCKETS:,}", figures={"KiB": its}),
        Row(f"server, a socket of {SOCKETS:,}", {BROADCAST: mine / its}, {"KiB": mine}, Target("KiB", "≤", SOCKET_KIB)),
    ]


async def _a_socket(server: Server, board: int) -> float:
    """Return the KiB that one more socket uses."""
    audience = Audience(server.port, board)
    await audience.join(FIRST)
    before = resident(server)
    await audience.join(SOCKETS)
    return (resident(server) - before) / SOCKETS


def resident(server: Server) -> float:
    """Return the resident memory of the process in KiB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0])
