"""Several servers on one host and port: `kanban serve --workers N`, with PostgreSQL.

The parent serves nobody. It keeps the port, starts the workers, passes on what it is told, and starts another worker
where one has died. The system spreads new connections over the workers. In a container the parent is the first process,
which the system gives every orphan: it reaps them too (docs/decisions/0016-workers.md).
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from kanban_server.settings import Settings

log = logging.getLogger("kanban")

PARENT = "KANBAN_PARENT"
"""The variable in which a worker finds its parent's process id."""
LONGEST_PAUSE = 5.0
"""Seconds before a worker is started again, at most."""


def reserved(settings: Settings) -> socket.socket:
    """The port, bound so that others who share it may listen. Raises OSError where it is taken."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    taken.bind(address)
    return taken


def parent() -> int | None:
    """The process that started this one as a worker; None where it is none."""
    given = os.environ.get(PARENT, "")
    return int(given) if given.isdecimal() else None


class Workers:
    """The workers of one port."""

    def __init__(self, settings: Settings, arguments: Sequence[str], port: int) -> None:
        self._count = settings.workers
        self._patience = settings.stop_seconds + 5
        self._command = [sys.executable, "-m", "kanban_server", "serve", *arguments, "--workers", "1"]
        self._command += ["--port", str(port)]
        self._environment = {**os.environ, PARENT: str(os.getpid())}
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._stopping = threading.Event()
        self._failures = 0

    def run(self) -> int:
        """Keep them running until SIGTERM or SIGINT; the exit code."""
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        started = [self._start() for _ in range(self._count)]
        lines = [worker.stdout.readline() for worker in started if worker.stdout is not None]
        if self._stopping.is_set() or not all(lines):
            stopped = self._stopping.is_set()
            self._stop(signal.SIGTERM, None)
            self._wait()
            return 0 if stopped else 1
        print(lines[0], end="", flush=True)
        self._wait()
        return 0

    def _start(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, text=True)
        self._running[worker.pid] = worker
        if self._stopping.is_set():
            worker.terminate()
        return worker

    def _wait(self) -> None:
        """Until all have ended; start another where one ends that was not told to."""
        began = time.monotonic()
        while self._running:
            pid, status = os.wait()
            worker = self._running.pop(pid, None)
            if worker is None:  # a stranger, which the system gave to this process because it is the first (PID 1)
                continue
            code = worker.returncode = os.waitstatus_to_exitcode(status)
            if not self._stopping.is_set():
                self._failures = 0 if time.monotonic() - began > LONGEST_PAUSE else self._failures + 1
                began = time.monotonic()
                log.error("Worker %d ended with code %d; another one is started.", worker.pid, code)
                self._stopping.wait(min(LONGEST_PAUSE, 0.1 * 2**self._failures))
                self._start()

    def _stop(self, told: int, frame: FrameType | None) -> None:
        self._stopping.set()
        for worker in self._running.values():
            worker.terminate()
        signal.alarm(int(self._patience))

    def _kill(self, told: int, frame: FrameType | None) -> None:
        for worker in self._running.values():
            worker.kill()
