"""Every exit code, by a command that ends with it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from kanban_cli.exits import INTERRUPTED, MEANINGS
from tests.support.cli import Shell
from tests.support.proxy import Proxy, proxied
from tests.support.servers import Server, free_port

PROBLEM = b'{"type": "too-many-requests", "detail": "Wait a while"}'
LATER = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: %d\r\n\r\n%s" % (len(PROBLEM), PROBLEM)


ENDS: dict[int, Callable[[Shell, Proxy], int]] = {
    0: lambda kanban, _: kanban("list").code,
    1: lambda kanban, _: kanban("work", "--ticket", kanban.ok("add", "x").rows[0][0], "--", "false").code,
    2: lambda kanban, _: kanban("move").code,
    3: lambda kanban, _: kanban("show", 10**9).code,
    4: lambda kanban, _: kanban("next").code,
    5: lambda kanban, _: kanban("renew", kanban.ok("add", "x").rows[0][0]).code,
    6: lambda kanban, _: kanban("watch", "--timeout", "0.1").code,
    7: lambda kanban, proxy: kanban("list", KANBAN_URL=proxy.url.replace("127.0.0.1", "2130706433")).code,
    8: lambda kanban, _: kanban("list", KANBAN_URL=f"http://127.0.0.1:{free_port()}").code,
    9: lambda kanban, proxy: refused_for_long(kanban, proxy),
    INTERRUPTED: lambda kanban, _: interrupted(kanban),
}


def refused_for_long(kanban: Shell, proxy: Proxy) -> int:
    proxy.answer(LATER)
    return kanban("list", KANBAN_URL=proxy.url).code


def interrupted(kanban: Shell) -> int:
    with kanban.running("watch", "--after", 0) as watch:
        assert watch.stdout is not None
        watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        return watch.wait(timeout=20)


@pytest.mark.parametrize("code", MEANINGS)
def test_every_exit_code_is_how_a_command_ends(kanban: Shell, sqlite: Server, code: int) -> None:
    with proxied(sqlite.port) as proxy:
        assert ENDS[code](kanban, proxy) == code
