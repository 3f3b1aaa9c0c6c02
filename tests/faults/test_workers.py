"""`--workers`: processes that share a port, and their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.trial import trial
from tests.support.databases import Databases
from tests.support.servers import FEW_CONNECTIONS, Server, clean_environment, running
from tests.support.services import Redis
from tests.support.waiting import until

pytestmark = pytest.mark.postgres


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
    assert "another one is started" in parent.log_text()


ADOPTING = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: adopts orphans like the first process
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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_the_parent_of_workers_reaps_orphans_like_the_first_process_of_a_container(
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
        until(lambda: not orphan.exists(), what="the orphan to be reaped")
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
    process = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert process.returncode == 1
    assert "--database postgresql://USER@HOST/NAME" in process.stderr
