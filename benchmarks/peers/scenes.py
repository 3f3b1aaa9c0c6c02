"""What must not go wrong: each scene gets a tool with an empty store, and returns what happened."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from benchmarks.peers.peer import DONE, WORKING, Claim, Peer, Watch

CLAIMERS, TICKETS = 8, 20
KILLS = 3
WRITERS, BURST_SECONDS = 4, 2.0
SETUP_SECONDS, SCENE_SECONDS = 60.0, 20.0


@dataclass(frozen=True)
class Result:
    """What a scene showed."""

    text: str
    value: float | None = None
    """The figure that is compared between tools, if the scene measures one."""


def fill(peer: Peer, tickets: int) -> list[str]:
    """Create tickets one after the other, in a time of their own; raise Unavailable if it was not enough."""
    peer.deadline += SETUP_SECONDS
    ids = [peer.create(f"ticket {number}") for number in range(tickets)]
    peer.deadline += SCENE_SECONDS - peer.seconds_left
    return ids


def together(works: Sequence[Callable[[], None]]) -> None:
    """Run all at the same time; raise the first error."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for running in [pool.submit(begin, work) for work in works]:
            running.result()


def double_claims(peer: Peer) -> Result:
    """8 workers take from 20 tickets: how many tickets were given to more than one of them?"""
    fill(peer, TICKETS)
    claims: list[Claim] = []

    def work(worker: str) -> None:
        while peer.seconds_left > 2 and len(claims) < CLAIMERS * TICKETS:
            claim = peer.take(worker)
            if claim is None:
                return
            claims.append(claim)

    together([lambda worker=f"worker{number}": work(worker) for number in range(CLAIMERS)])  # type: ignore[misc]
    counts = Counter(claim.ticket for claim in claims)
    twice = sum(times > 1 for times in counts.values())
    return Result(f"{twice} of {len(counts)} given twice" if counts else "none could be taken", twice)


def zombie_write(peer: Peer) -> Result:
    """A worker whose ticket was given to another one finishes it: is it refused?"""
    fill(peer, 1)
    claim = peer.take("ann")
    if claim is None:
        raise RuntimeError("the ticket could not be taken")
    peer.take_over(claim, "bob")
    return Result("accepted" if peer.finish(claim) else "refused")


def lost_edit(peer: Peer) -> Result:
    """Two clients read a ticket, and each replaces its description: is the second refused, or the first text lost?"""
    [ticket] = fill(peer, 1)
    first, second = peer.read(ticket), peer.read(ticket)
    if not peer.edit(ticket, "text of ann", first):
        raise RuntimeError("the first edit was refused")
    if not peer.edit(ticket, "text of bob", second):
        return Result("the second is refused")
    return Result("nothing lost" if "text of ann" in peer.read(ticket).text else "the first is lost")


def missed_events(peer: Peer) -> Result:
    """A watcher is away while 3 tickets are created, moved and finished: which of the 9 changes is it told later?"""
    watch = peer.watch()
    until_told(peer, watch)
    watch.stop()
    titles = [f"away {number}" for number in range(3)]
    for title in titles:
        ticket = peer.create(title)
        peer.move(ticket, WORKING)
        peer.move(ticket, DONE)
    watch = peer.watch(watch.position)
    peer.create("after")
    came = watch.wait("after@todo", max(1.0, peer.seconds_left / 2))
    watch.stop()
    facts = [f"{title}@{column}" for title in titles for column in ("todo", WORKING, DONE)]
    missed = sum(fact not in watch.facts for fact in facts)
    return Result(f"{missed} of {len(facts)} missed" + ("" if came else "; not told of the next"), missed)


def until_told(peer: Peer, watch: Watch) -> None:
    """Create tickets until a new watcher is told of one: it may take a while to start."""
    for number in count():
        peer.create(f"before {number}")
        if watch.wait(f"before {number}@todo", 1):
            return
        if peer.seconds_left < 1:
            watch.stop()
            raise RuntimeError("the watcher was told of no ticket")


def retry(peer: Peer) -> Result:
    """A client that got no answer sends the same create again: how many tickets are there?"""
    peer.create("once", key="create-1")
    with suppress(RuntimeError):
        peer.create("once", key="create-1")
    return Result(f"{peer.titles().count('once')} of 1")


def kill_at_the_answer(peer: Peer) -> Result:
    """Kill -9 as soon as a create is acknowledged: is the ticket there?"""
    durable = tried = 0
    for number in range(KILLS):
        if tried and peer.seconds_left < SCENE_SECONDS / 2:
            break
        tried += 1
        peer.create_and_kill(f"answered {number}")
        peer.restart()
        durable += f"answered {number}" in peer.titles()
    return Result(f"{durable} of {tried} kept")


def kill_in_a_burst(peer: Peer) -> Result:
    """4 clients create, and all is killed: are all acknowledged tickets there, each once?"""
    acknowledged: list[str] = []
    stop = threading.Event()

    def work(client: int) -> None:
        number = 0
        while not stop.is_set():
            title = f"burst {client}-{number}"
            try:
                peer.create(title)
            except Exception:
                return  # killed, or refused
            if not stop.is_set():
                acknowledged.append(title)
            number += 1

    threads = [threading.Thread(target=work, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    stop.wait(min(BURST_SECONDS * (3 if peer.serverless else 1), peer.seconds_left / 3))
    stop.set()
    peer.kill()
    for thread in threads:
        thread.join()
    peer.restart()
    try:
        there = Counter(peer.titles())
    except Exception:
        return Result("the store can't be read")
    lost = sum(title not in there for title in acknowledged)
    return Result(f"{lost} of {len(acknowledged)} lost", lost)


SCENES: dict[str, Callable[[Peer], Result]] = {
    "double claims": double_claims,
    "zombie write": zombie_write,
    "lost edit": lost_edit,
    "missed events": missed_events,
    "retry": retry,
    "kill at the answer": kill_at_the_answer,
    "kill in a burst": kill_in_a_burst,
}
