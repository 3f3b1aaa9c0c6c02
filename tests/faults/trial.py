"""Trials: writers and readers at several servers, while faults occur."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.instances import Readers, Writers
from tests.faults.validators import check_dense, check_log
from tests.support.servers import Server
from tests.support.waiting import until


class Trial:
    """Writers and readers at several servers during faults."""

    def __init__(self, servers: list[Server], writers: int, readers: int) -> None:
        self.servers = servers
        with servers[0].kanban("ada") as kanban:
            self.board = kanban.boards.create("Several servers").id
        self.writers = Writers(servers, self.board, writers)
        self.readers = Readers(servers, self.board, readers)

    def work(self, writes: int, what: str = "undisturbed") -> None:
        """Wait until `writes` more tickets were written; print the figures."""
        began, before = time.monotonic(), len(self.writers.took)
        until(lambda: len(self.writers.took) >= before + writes, within=60, what=f"writes while {what}")
        self.print_figures(what, began)

    def print_figures(self, what: str, began: float) -> None:
        """Print the figures since `began`."""
        now = time.monotonic()
        rate = sum(began <= at <= now for at, _ in self.writers.took) / (now - began)
        print(f"{what}: {rate:.0f} tickets a second, p99 {self.writers.slowest(began, now):.0f} ms")

    def kill(self, server: Server, writes: int) -> None:
        """Kill a server under load, and start it again."""
        server.kill()
        self.work(writes, "one server is gone")
        server.start()

    def check(self) -> None:
        """Check what must hold after any fault."""
        self.writers.stop()
        with self.servers[0].kanban("ada") as kanban:
            events = check_log(kanban, self.board)
            tickets = {ticket.id for ticket in kanban.boards.tickets(self.board).tickets}
        until(lambda: self.readers.behind(len(events)) == 0, within=30, what="all readers at the head of the log")
        self.readers.stop()
        assert self.writers.acknowledged <= tickets
        for seqs in self.readers.seqs:
            check_dense(seqs)
            assert len(seqs) == len(events)
        resumed = sorted(self.readers.resumed) or [0.0]
        print(
            f"{len(events)} events, {len(self.readers.seqs)} readers: lost their server {len(resumed)} times, "
            f"resumed after {resumed[len(resumed) // 2]:.2f} s, at most {resumed[-1]:.2f} s"
        )


@contextmanager
def trial(servers: list[Server], *, writers: int, readers: int) -> Iterator[Trial]:
    """Run a trial: faults occur inside the block; then everything is checked."""
    run = Trial(servers, writers, readers)
    run.readers.start()
    run.writers.start()
    try:
        yield run
        run.check()
    finally:
        run.writers.stop()
        run.readers.stop()
