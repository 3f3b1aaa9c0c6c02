"""Tools with a server on a loopback port, asked over HTTP."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from benchmarks.machine.cluster import free_port
from benchmarks.peers.peer import Peer

START_SECONDS = 120.0


class Service(Peer):
    """Runs the tool's server, and sends it requests: one kept connection a thread."""

    interface = "HTTP"
    serverless = False
    ready_path = "/health"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._connections = threading.local()
        self._log = folder / "server.log"

    def server(self) -> tuple[Sequence[str], dict[str, str]]:
        """Return the command of the server, and its environment beyond PATH and HOME."""
        raise NotImplementedError

    def headers(self) -> dict[str, str]:
        return {}

    def start(self) -> None:
        command, environment = self.server()
        base = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env={**base, **environment}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self._log.read_text()[-300:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", self.ready_path, headers=self.headers())
            return connection.getresponse().status < 500
        return False

    def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.start()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Send a request; return the status and the decoded answer. `_` in a header's name becomes `-`."""
        status, content = self.bytes(method, path, body, **headers)
        return status, orjson.loads(content) if content else None

    def bytes(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        """The same, not decoded."""
        content = None if body is None else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = self._connection()
        try:
            more = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, content, {**more, **self.headers(), **named})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise

    def good(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send a request that has to succeed; return the decoded answer."""
        status, answer = self.ask(method, path, body, **headers)
        if status >= 300:
            raise RuntimeError(f"{method} {path} was refused with {status}: {str(answer)[:300]}")
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._connections, "value", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            self._connections.value = connection
        return connection
