"""A Redis of a test's own, to stop and start again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.servers import free_port
from tests.support.waiting import until


class Redis:
    """A Redis server that keeps nothing on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Redis:
        """Start, and wait until it answers."""
        import redis

        command = ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port, socket_connect_timeout=1) as client:

            def answers() -> bool:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    return False

            until(answers, what="an answer of Redis")
        return self

    def kill(self) -> None:
        """`kill -9`."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=10)
            self.process = None


def redis_missing() -> str | None:
    """Why there can be no Redis here; None where there can."""
    return None if shutil.which("redis-server") else "redis-server is not installed"


@contextmanager
def redis_running() -> Iterator[Redis]:
    """A Redis for as long as the block lasts."""
    server = Redis().start()
    try:
        yield server
    finally:
        server.kill()
