"""Tools with a command line: each request is a process."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.peers.peer import Peer


class CommandLine(Peer):
    """Runs commands in the tool's folder, with a HOME of their own, and knows which of them run."""

    interface = "command line"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1",
        }  # fmt: skip
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def program(self) -> Sequence[str]:
        """Return the program and the options that every command has."""
        raise NotImplementedError

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Run a command; return its exit code and output. Raises TimeoutError at the end of the scene."""
        process = self.popen(*arguments, environment=environment)
        try:
            out, _ = process.communicate(timeout=max(0.1, self.seconds_left))
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error
        finally:
            self._end(process)
        return process.returncode, out

    def output(self, *arguments: str) -> bytes:
        """Run a command that has to succeed; return its output."""
        code, out = self.run(*arguments)
        if code != 0:
            raise RuntimeError(f"{' '.join(arguments)} ended with {code}: {out[-300:].decode(errors='replace')}")
        return out

    def popen(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*self.program(), *arguments],
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with self._lock:
            self._running.add(process)
        return process

    def first_line(self, *arguments: str) -> None:
        """Run a command, and kill it when it has printed its first line."""
        process = self.popen(*arguments)
        assert process.stdout is not None
        process.stdout.readline()
        self._end(process)

    def kill(self) -> None:
        with self._lock:
            running = list(self._running)
        for process in running:
            self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with self._lock:
            self._running.discard(process)
