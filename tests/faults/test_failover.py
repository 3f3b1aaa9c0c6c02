"""Promises 1, 3 and 6 while the primary of a PostgreSQL is lost and its standby takes over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest

from kanban_sdk import Refused
from tests.faults.instances import Crowd, instances
from tests.faults.trial import trial
from tests.faults.validators import whole_log
from tests.support.clusters import primary_and_standby
from tests.support.servers import Server, running
from tests.support.services import own_redis
from tests.support.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


class Retriers(Crowd):
    """Each thread creates tickets with titles of their own, and sends each request with its key until it succeeds."""

    def __init__(self, servers: Sequence[Server], board: int, count: int) -> None:
        super().__init__(servers, board, count)
        self.titles: list[str] = []
        """The titles of acknowledged tickets."""

    def act(self, number: int) -> None:
        server = self._servers[number % len(self._servers)]
        with server.kanban(f"retrier-{number}", tries=None, patience=60, timeout=10) as kanban:
            created = 0
            while not self._stop.is_set():
                created += 1
                title = f"retrier {number}, ticket {created}"
                kanban.tickets.create(title, board=self.board)
                self.titles.append(title)


def test_nothing_is_lost_or_doubled_when_the_primary_is_killed_and_the_standby_promoted() -> None:
    with (
        primary_and_standby() as clusters,
        own_redis() as redis,
        instances(clusters.url, 2, KANBAN_REDIS_URL=redis.url) as servers,
    ):
        until(clusters.synchronous, what="a synchronous standby")
        with trial(servers, writers=8, readers=6) as busy:
            retriers = Retriers(servers, busy.board, 4)
            retriers.start()
            try:
                busy.work(200)
                clusters.primary.kill()
                killed = time.monotonic()
                clusters.standby.promote()
                promoted = time.monotonic()
                busy.work(1, "the standby takes over")
                print(
                    f"promoted {promoted - killed:.2f} s after the kill, "
                    f"written again {time.monotonic() - promoted:.2f} s after the promotion"
                )
                busy.print_figures("with the failover", killed)
                busy.work(200, "the standby is the primary")
            finally:
                retriers.stop()
        with servers[0].kanban("ada") as kanban:
            titles = Counter(ticket.title for ticket in kanban.boards.tickets(busy.board).tickets)
        assert retriers.titles != []
        assert {title: titles[title] for title in retriers.titles} == dict.fromkeys(retriers.titles, 1)


def test_a_server_on_a_standby_answers_reads_refuses_changes_and_says_that_it_is_read_only() -> None:
    with primary_and_standby() as clusters, running(clusters.primary.url) as writing:
        with writing.kanban("ada") as kanban:
            board = kanban.boards.create("Replicated").id
        with running(clusters.standby.url) as reading, reading.kanban("eve", tries=1) as reader:
            with writing.kanban("ada") as kanban:
                ticket = kanban.tickets.create("One", board=board).id
            until(lambda: reader.boards.get(board).ticket_count == 1, what="the ticket on the standby")
            assert [event.event for event in whole_log(reader, board)] == ["board_created", "ticket_created"]
            with pytest.raises(Refused) as refused:
                reader.tickets.move(ticket, "Done")
            assert refused.value.type == "busy"
            ready = httpx.get(f"{reading.url}/ready")
            assert (ready.status_code, ready.json()["reason"]) == (503, "read-only")
