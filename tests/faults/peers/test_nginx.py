"""deploy/nginx.conf as shipped, except for names and ports, in front of two servers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kanban_sdk import Kanban
from tests.faults.validators import check_dense, check_log
from tests.support.servers import Server, free_port
from tests.support.services import answers
from tests.support.waiting import until

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "nginx.conf"
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]


@contextmanager
def nginx(servers: list[Server], folder: Path) -> Iterator[str]:
    """Run nginx with the shipped configuration for the duration of the block; yield its address."""
    port = free_port()
    text = CONFIGURATION.read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    for number, server in enumerate(servers, 1):
        text = text.replace(f"kanban-{number}:8000", f"127.0.0.1:{server.port}")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)  # where any user may write
    (folder / "nginx.conf").write_text(re.sub("^http {", f"http {{ {own}", text, flags=re.MULTILINE))
    settings = f"daemon off; pid {folder / 'pid'}; error_log {folder / 'log'};"
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "log"), "-g", settings]
    with subprocess.Popen(command) as process:
        try:
            until(lambda: answers(port), what="nginx")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def serving(servers: list[Server]) -> Server:
    """Return the only server that has a stream."""
    return next(server for server in servers if httpx.get(f"{server.url}/health").json()["connections"])


def test_a_watcher_behind_nginx_moves_to_the_other_server_when_its_own_is_killed(
    servers: list[Server], tmp_path: Path
) -> None:
    two = servers[:2]
    with nginx(two, tmp_path) as url, Kanban(url, "ada") as kanban:
        board = kanban.boards.create("Behind nginx").id
        with kanban.watch(board, after=0) as watch:
            seqs = [next(watch).seq]
            for _ in range(2):
                own = serving(two)
                own.kill()
                for _ in range(5):
                    kanban.tickets.create("t", board=board)
                seqs += [next(watch).seq for _ in range(5)]
                assert serving([server for server in two if server is not own])
                own.start()
        check_dense(seqs)
        check_log(kanban, board)


def test_server_sent_events_are_not_buffered_and_a_path_prefix_works(servers: list[Server], tmp_path: Path) -> None:
    with nginx(servers[:2], tmp_path) as url, Kanban(f"{url}/kanban", "ada") as kanban:
        board = kanban.boards.create("Under a path").id
        assert "<title>" in httpx.get(f"{url}/kanban/").text
        address = f"{url}/kanban/api/boards/{board}/events?after=0"
        with httpx.stream("GET", address, headers={"Accept": "text/event-stream"}, timeout=10) as stream:
            lines = (line for line in stream.iter_lines() if line.startswith("event: "))
            assert next(lines) == "event: board_created"
            kanban.tickets.create("t", board=board)
            assert next(lines) == "event: ticket_created"
        with kanban.watch(board, after=1) as watch:
            assert next(watch).event == "ticket_created"
