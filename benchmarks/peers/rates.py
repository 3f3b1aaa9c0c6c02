"""What a tool costs: requests a second by 4 clients at a time, times, and bytes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from itertools import count, cycle
from statistics import median

from benchmarks.peers.peer import DONE, WORKING, Peer
from benchmarks.peers.scenes import Result, fill, together, until_told

CLIENTS, SECONDS = 4, 4.0
STARTS, EVENTS = 7, 7


def _rate(request: Callable[[int], bool]) -> Result:
    """Repeat in each client until the time is up, or until it returns False."""
    done: list[float] = []
    start = time.monotonic()

    def work(client: int) -> None:
        while time.monotonic() < start + SECONDS and request(client):
            done.append(time.monotonic())

    together([lambda client=client: work(client) for client in range(CLIENTS)])  # type: ignore[misc]
    if not done:
        raise RuntimeError("not one request was done")
    rate = len(done) / (max(done) - start)
    return Result(f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}", rate)


def creates(peer: Peer) -> Result:
    names = (f"created {number}" for number in count())

    def request(client: int) -> bool:
        peer.create(f"{next(names)} by {client}" if client == 0 else f"client {client}, {time.monotonic_ns()}")
        return True

    return _rate(request)


def moves(peer: Peer) -> Result:
    tickets = fill(peer, CLIENTS)
    columns = [cycle((WORKING, DONE)) for _ in tickets]

    def request(client: int) -> bool:
        peer.move(tickets[client], next(columns[client]))
        return True

    return _rate(request)


def claims(peer: Peer) -> Result:
    fill(peer, 20 if peer.serverless or peer.interface == "command line" else 2000)
    return _rate(lambda client: peer.take(f"worker{client}") is not None)


def latency(peer: Peer) -> Result:
    """From the start of a create until a watcher was told of it: the median."""
    watch = peer.watch()
    times = []
    until_told(peer, watch)
    for number in range(EVENTS):
        start = time.monotonic()
        peer.create(f"event {number}")
        if not watch.wait(f"event {number}@todo", max(0.1, peer.seconds_left)):
            break
        times.append(time.monotonic() - start)
    watch.stop()
    if not times:
        raise RuntimeError("the watcher was told of nothing")
    return Result(f"{median(times) * 1000:,.0f}", median(times) * 1000)


def start(peer: Peer) -> Result:
    command = peer.command()
    times = []
    for _ in range(STARTS):
        start = time.monotonic()
        subprocess.run(command, cwd=peer.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.monotonic() - start)
    return Result(f"{median(times) * 1000:,.0f}", median(times) * 1000)


def size(peer: Peer) -> Result:
    """Bytes of the list of 5 tickets, divided by 5, and of one ticket."""
    tickets = fill(peer, 5)
    listed, ticket = peer.listing_and_ticket(tickets[0])
    per_ticket = len(listed) / 5 + len(ticket)
    return Result(f"{per_ticket:,.0f}", per_ticket)


RATES: dict[str, Callable[[Peer], Result]] = {
    "creates a second": creates,
    "moves a second": moves,
    "claims a second": claims,
    "event latency, ms": latency,
    "start of a command, ms": start,
    "bytes a ticket": size,
}
MORE_IS_BETTER = frozenset({"creates a second", "moves a second", "claims a second"})
