"""Promises 1 and 3 with several servers of one PostgreSQL: all are killed, Redis too, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from kanban_sdk import AlreadyClaimed, Kanban
from tests.faults.instances import Readers, Writers, instances
from tests.faults.test_claims import fill
from tests.faults.validators import check_dense, check_log
from tests.server.test_presence import on, told
from tests.server.test_stream import opened
from tests.support.databases import Databases
from tests.support.servers import FEW_CONNECTIONS, Server, clean_environment, running
from tests.support.services import Redis, own_postgres, own_redis
from tests.support.waiting import until

pytestmark = pytest.mark.postgres

FAKETIME = next(Path("/usr/lib").glob("**/libfaketime.so.1"), None)


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
        self.say(what, began)

    def say(self, what: str, began: float) -> None:
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
        for seen in self.readers.seen:
            check_dense(seen)
            assert len(seen) == len(events)
        resumed = sorted(self.readers.resumed) or [0.0]
        print(
            f"{len(events)} events, {len(self.readers.seen)} readers: lost their server {len(resumed)} times, "
            f"resumed after {resumed[len(resumed) // 2]:.2f} s, at most {resumed[-1]:.2f} s"
        )


@contextmanager
def trial(servers: list[Server], *, writers: int, readers: int) -> Iterator[Trial]:
    """Run a trial: faults occur inside the block; then everything is checked."""
    made = Trial(servers, writers, readers)
    made.readers.start()
    made.writers.start()
    try:
        yield made
        made.check()
    finally:
        made.writers.stop()
        made.readers.stop()


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
        busy.work(200, "Redis has forgotten")
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
            busy.say("with the restart", began)
            busy.work(150, "PostgreSQL is back")


def test_who_is_on_a_board_is_seen_through_every_server_until_theirs_is_killed(
    servers: list[Server], redis: Redis
) -> None:
    here, there = servers[:2]
    with here.kanban("ada") as kanban:
        board = kanban.boards.create("Presence")
        with opened(here, on(board, "ada")) as ada:
            with opened(there, on(board, "bob")) as bob:
                told(ada, lambda users: len(users) == 2)
                bob.say(type="presence", board_id=board.id, ticket_id=7)
                assert told(ada, lambda users: users["bob"]["ticket_id"] == 7).keys() == {"ada", "bob"}
                bob.say(type="presence", board_id=board.id, ticket_id=7, element="ticket:7", x=0.25, y=0)
                assert ada.until("pointer")["data"]["x"] == 0.25
                redis.stop()
                redis.start()
                until(
                    lambda: len(kanban.boards.presence(board.id).users) == 2, within=3, what="who is there, said again"
                )
            assert told(ada, lambda users: len(users) == 1).keys() == {"ada"}
            with opened(there, on(board, "bob")):
                told(ada, lambda users: len(users) == 2)
                there.kill()
                killed = time.monotonic()
                told(ada, lambda users: len(users) == 1)
                print(f"gone {time.monotonic() - killed:.1f} s after its server was killed, which counts as 45 to 60 s")
            there.start()


def test_a_board_made_through_one_server_is_heard_of_through_another(servers: list[Server]) -> None:
    with opened(servers[1], "?username=all") as everything, opened(servers[1], "?board_id=1") as one:
        everything.until("connected")
        one.until("connected")
        with servers[0].kanban("ada") as kanban:
            board = kanban.boards.create("New").id
            kanban.tickets.create("in it", board=board)
        assert one.until("board_created")["data"]["id"] == board
        seen = [everything.until("board_created"), everything.receive()]
    assert [(event["board_id"], event["seq"]) for event in seen] == [(board, 1), (board, 2)]


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


def takes(agent: Kanban, ticket: int) -> bool:
    try:
        return agent.tickets.claim(ticket).claim is not None
    except AlreadyClaimed:
        return False


def clock_of(server: Server) -> str:
    with opened(server) as socket:
        return str(socket.until("connected")["data"]["server_time"])


@pytest.mark.slow
@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
def test_a_server_whose_clock_is_wrong_gives_no_ticket_twice_and_ends_no_lease_early(
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
                until(lambda: takes(other, ticket), within=15, what="the lease's end")  # noqa: B023
                took = time.monotonic() - began
                print(f"a lease of 10 s ended after {took:.1f} s")
                assert took > 9
            check_log(ada, 1)


@pytest.mark.slow
def test_workers_share_a_port_and_one_that_dies_is_replaced(
    databases: Databases, pytestconfig: pytest.Config, redis: Redis
) -> None:
    database = databases.make("postgresql", pytestconfig)
    with running(database, KANBAN_WORKERS="2", KANBAN_REDIS_URL=redis.url) as parent:
        first = children(parent)
        assert len(first) == 2
        with trial([parent], writers=3, readers=4) as busy:
            busy.work(20)
            os.kill(first[0], signal.SIGKILL)
            busy.work(20, "a worker is gone")
            until(lambda: len(children(parent)) == 2, what="another worker")
        assert parent.stop() == 0
        assert all(not Path(f"/proc/{worker}").exists() for worker in first)
    assert "another one is started" in parent.said()


ADOPTING = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: it is given orphans, as the first process is
end = int(sys.argv[1])
if os.fork() == 0:
    if (orphan := os.fork()) == 0:
        os.read(end, 1)
        os._exit(0)
    print(orphan, flush=True)
    os._exit(0)
os.wait()
os.execv(sys.executable, [sys.executable, "-m", "kanban_server", *sys.argv[2:]])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_the_parent_of_workers_reaps_orphans_as_the_first_process_of_a_container_has_to(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("postgresql", pytestconfig)
    theirs, ours = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-c", ADOPTING, str(theirs), "--port", "0", "--workers", "2", "--database", database],
        env=clean_environment(**FEW_CONNECTIONS), pass_fds=[theirs], stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        orphan = Path(f"/proc/{int(parent.stdout.readline())}")
        assert parent.stdout.readline().startswith("Kanban is at ")
        assert f"PPid:\t{parent.pid}\n" in (orphan / "status").read_text()
        os.close(ours)
        until(lambda: not orphan.exists(), what="the end of the orphan, which is more than a zombie")
        parent.terminate()
        assert parent.wait(timeout=30) == 0
    finally:
        parent.kill()
        parent.wait()
        os.close(theirs)


def children(parent: Server) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]


def test_several_workers_on_a_file_are_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kanban_server", "--workers", "2", "--database", str(tmp_path / "board.db")]
    said = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert said.returncode == 1
    assert "--database postgresql://USER@HOST/NAME" in said.stderr


def test_a_log_that_was_trimmed_beyond_what_a_server_has_read_is_a_resync_there(servers: list[Server]) -> None:
    writing, sleeping = servers[:2]
    with writing.kanban("ada") as kanban:
        board = kanban.boards.create("Trimmed").id
        with opened(sleeping, f"?board_id={board}&after=0") as reader:
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
