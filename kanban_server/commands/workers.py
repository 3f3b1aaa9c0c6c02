"""Several servers on one host and port: `kanban serve --workers N`, with PostgreSQL.

The parent serves no requests. It keeps the port, starts the workers, forwards signals, and replaces a worker that died.
The system spreads new connections over the workers. In a container the parent is the first process, to which the system
gives every orphan: it reaps them too (docs/decisions/0016-workers.md).
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

PARENT_VARIABLE = "KANBAN_PARENT"
"""The environment variable that holds the parent's process id for a worker."""
MAX_RESTART_DELAY = 5.0
"""Maximum delay, in seconds, before a worker is restarted."""


def reserve_port(settings: Settings) -> socket.socket:
    """Bind the port so that other processes can share it. Raises OSError if it is taken."""
    family, socket_type, protocol, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    server_socket = socket.socket(family, socket_type, protocol)
    server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server_socket.bind(address)
    return server_socket


def parent_pid() -> int | None:
    """The id of the process that started this one as a worker; None if this is no worker."""
    value = os.environ.get(PARENT_VARIABLE, "")
    return int(value) if value.isdecimal() else None


class Workers:
    """The workers of one port."""

    def __init__(self, settings: Settings, arguments: Sequence[str], port: int) -> None:
        self._worker_count = settings.workers
        self._stop_timeout = settings.stop_seconds + 5
        self._command = [sys.executable, "-m", "kanban_server", "serve", *arguments, "--workers", "1"]
        self._command += ["--port", str(port)]
        self._environment = {**os.environ, PARENT_VARIABLE: str(os.getpid())}
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._stopping = threading.Event()
        self._failure_count = 0

    def run(self) -> int:
        """Keep the workers running until SIGTERM or SIGINT. Returns the exit code."""
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        workers = [self._start() for _ in range(self._worker_count)]
        ready_lines = [worker.stdout.readline() for worker in workers if worker.stdout is not None]
        if self._stopping.is_set() or not all(ready_lines):
            was_stopped = self._stopping.is_set()
            self._stop(signal.SIGTERM, None)
            self._wait()
            return 0 if was_stopped else 1
        print(ready_lines[0], end="", flush=True)
        self._wait()
        return 0

    def _start(self) -> subprocess.Popen[str]:
        worker = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, text=True)
        self._running[worker.pid] = worker
        if self._stopping.is_set():
            worker.terminate()
        return worker

    def _wait(self) -> None:
        """Wait until all workers have ended; replace each that ends without being stopped."""
        started_at = time.monotonic()
        while self._running:
            pid, status = os.wait()
            worker = self._running.pop(pid, None)
            if worker is None:  # an orphan, which the system gave to this process because it is the first (PID 1)
                continue
            exit_code = worker.returncode = os.waitstatus_to_exitcode(status)
            if not self._stopping.is_set():
                self._failure_count = (
                    0 if time.monotonic() - started_at > MAX_RESTART_DELAY else self._failure_count + 1
                )
                started_at = time.monotonic()
                log.error("Worker %d ended with code %d; another one is started.", worker.pid, exit_code)
                self._stopping.wait(min(MAX_RESTART_DELAY, 0.1 * 2**self._failure_count))
                self._start()

    def _stop(self, signal_number: int, frame: FrameType | None) -> None:
        self._stopping.set()
        for worker in self._running.values():
            worker.terminate()
        signal.alarm(int(self._stop_timeout))

    def _kill(self, signal_number: int, frame: FrameType | None) -> None:
        for worker in self._running.values():
            worker.kill()
