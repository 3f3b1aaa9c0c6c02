"""Promises 1 and 3 with several servers of one PostgreSQL: all are killed, Redis too, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kanban_sdk import AlreadyClaimed, Kanban
from tests.faults.instances import instances
from tests.faults.test_claims import fill
from tests.faults.trial import trial
from tests.faults.validators import check_log
from tests.server.events.test_presence import on, users_once
from tests.server.events.test_stream import open_stream
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment, running
from tests.support.services import Redis, own_postgres, own_redis
from tests.support.waiting import until

pytestmark = pytest.mark.postgres

FAKETIME = next(Path("/usr/lib").glob("**/libfaketime.so.1"), None)


@pytest.mark.slow
def test_nothing_is_lost_while_servers_and_redis_are_killed(servers: list[Server], redis: Redis) -> None:
    with trial(servers, writers=6, readers=3) as busy:
        busy.work(30)
        for server in servers[:2]:
            busy.kill(server, 20)
        redis.flush()
        redis.stop()
        busy.work(30, "Redis is gone")
        redis.start()
        busy.work(30, "Redis is back")


@pytest.mark.slow
def test_nothing_is_lost_while_servers_redis_and_postgresql_are_killed_again_and_again() -> None:
    with (
        own_postgres() as postgres,
        own_redis() as redis,
        instances(postgres.url, 2, KANBAN_REDIS_URL=redis.url) as servers,
        trial(servers, writers=16, readers=8) as busy,
    ):
        busy.work(300)
        for _ in range(10):
            busy.kill(random.choice(servers), 60)
            busy.work(40, "it is back")
        redis.flush()
        busy.work(200, "Redis has lost its data")
        redis.stop()
        busy.work(300, "Redis is gone")
        redis.start()
        busy.work(300, "Redis is back")
        for number in range(5):
            began = time.monotonic()
            postgres.stop("immediate" if number % 2 == 0 else "fast")
            postgres.start()
            restarted = time.monotonic()
            busy.work(1, "PostgreSQL restarts")
            print(f"written again {time.monotonic() - restarted:.2f} s after PostgreSQL was back")
            busy.print_figures("with the restart", began)
            busy.work(150, "PostgreSQL is back")


def test_presence_on_a_board_is_visible_on_every_server_until_the_users_server_is_killed(
    servers: list[Server], redis: Redis
) -> None:
    here, there = servers[:2]
    with here.kanban("ada") as kanban:
        board = kanban.boards.create("Presence")
        with open_stream(here, on(board, "ada")) as ada:
            with open_stream(there, on(board, "bob")) as bob:
                users_once(ada, lambda users: len(users) == 2)
                bob.say(type="presence", board_id=board.id, ticket_id=7)
                assert users_once(ada, lambda users: users["bob"]["ticket_id"] == 7).keys() == {"ada", "bob"}
                bob.say(type="presence", board_id=board.id, ticket_id=7, element="ticket:7", x=0.25, y=0)
                assert ada.until("pointer")["data"]["x"] == 0.25
                redis.stop()
                redis.start()
                until(lambda: len(kanban.boards.presence(board.id).users) == 2, within=3, what="presence again")
            assert users_once(ada, lambda users: len(users) == 1).keys() == {"ada"}
            with open_stream(there, on(board, "bob")):
                users_once(ada, lambda users: len(users) == 2)
                there.kill()
                killed = time.monotonic()
                users_once(ada, lambda users: len(users) == 1)
                print(f"gone {time.monotonic() - killed:.1f} s after its server was killed, which counts as 45 to 60 s")
            there.start()


def test_a_board_created_on_one_server_is_announced_on_another(servers: list[Server]) -> None:
    with open_stream(servers[1], "?username=all") as everything, open_stream(servers[1], "?board_id=1") as one:
        everything.until("connected")
        one.until("connected")
        with servers[0].kanban("ada") as kanban:
            board = kanban.boards.create("New").id
            kanban.tickets.create("in it", board=board)
        assert one.until("board_created")["data"]["id"] == board
        events = [everything.until("board_created"), everything.receive()]
    assert [(event["board_id"], event["seq"]) for event in events] == [(board, 1), (board, 2)]


def claim_all(servers: list[Server], agents: int, tickets: int) -> None:
    """Agents at several servers claim until nothing is left: each ticket once."""
    with servers[0].kanban("ada") as kanban:
        board = fill(kanban, tickets)
        claimed: list[int] = []

        def act(number: int) -> None:
            with servers[number % len(servers)].kanban(f"agent-{number}") as agent:
                while (ticket := agent.boards.next_ticket(board, claim=True).ticket) is not None:
                    claimed.append(ticket.id)

        with ThreadPoolExecutor(agents) as pool:
            list(pool.map(act, range(agents)))
        assert len(claimed) == len(set(claimed)) == tickets
        check_log(kanban, board)


def test_sixteen_agents_at_three_servers_claim_each_ticket_once(servers: list[Server]) -> None:
    claim_all(servers, 16, 100)


def can_claim(agent: Kanban, ticket: int) -> bool:
    try:
        return agent.tickets.claim(ticket).claim is not None
    except AlreadyClaimed:
        return False


def clock_of(server: Server) -> str:
    with open_stream(server) as socket:
        return str(socket.until("connected")["data"]["server_time"])


@pytest.mark.slow
@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
def test_a_server_with_a_wrong_clock_gives_no_ticket_twice_and_ends_no_lease_early(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("postgresql", pytestconfig)
    wrong = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with (
        running(database) as right,
        running(database, FAKETIME="+2h", **wrong) as ahead,
        running(database, FAKETIME="-2h", **wrong) as behind,
    ):
        with right.kanban("ada") as ada, ahead.kanban("bob") as bob, behind.kanban("eve") as eve:
            assert clock_of(behind) < clock_of(right) < clock_of(ahead)
            claim_all([right, ahead, behind], 16, 500)
            for holder, other in ((ada, bob), (bob, ada), (eve, bob)):
                ticket = holder.tickets.create("held", board=1).id
                holder.tickets.claim(ticket, lease_seconds=10)
                began = time.monotonic()
                until(lambda: can_claim(other, ticket), within=15, what="the lease's end")  # noqa: B023
                seconds = time.monotonic() - began
                print(f"a lease of 10 s ended after {seconds:.1f} s")
                assert seconds > 9
            check_log(ada, 1)


@pytest.mark.slow
def test_a_server_sends_a_resync_for_a_log_trimmed_beyond_its_position(servers: list[Server]) -> None:
    writing, sleeping = servers[:2]
    with writing.kanban("ada") as kanban:
        board = kanban.boards.create("Trimmed").id
        with open_stream(sleeping, f"?board_id={board}&after=0") as reader:
            reader.until("board_created")
            os.kill(sleeping.pid, signal.SIGSTOP)
            try:
                for number in range(5):
                    kanban.tickets.create(f"t{number}", board=board)
                trim = [sys.executable, "-m", "kanban_server", "trim", "--board", str(board), "--keep", "0s"]
                subprocess.run([*trim, "--database", writing.database], env=clean_environment(), check=True, timeout=60)
            finally:
                os.kill(sleeping.pid, signal.SIGCONT)
            assert reader.until("resync")["data"]["reason"] == "trimmed"
