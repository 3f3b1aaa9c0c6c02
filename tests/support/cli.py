"""`kanban` as people and agents run it: a process with pipes or a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.servers import clean_environment

COMMAND = [sys.executable, "-m", "kanban_cli"]
ROOT = Path(__file__).parents[2]


@dataclass
class Result:
    """Output of a command, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


@dataclass
class Screen:
    """A terminal with a command on it."""

    process: subprocess.Popen[bytes]
    end: int
    shown: str = ""

    def until(self, text: str) -> None:
        """Wait until the text is shown, after the position of the previous wait."""
        self.shown = ""
        deadline = time.monotonic() + 40
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} was not shown in time: {self.shown[-2000:]!r}"
            assert self._read(), f"{text!r} was never shown: {self.shown!r}"

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.end, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def code(self) -> int:
        """Return the exit code, once the command has ended."""
        while self._read():
            pass
        return self.process.wait(timeout=20)

    def _read(self) -> bool:
        assert select.select([self.end], [], [], 20)[0], f"the screen did not change: {self.shown!r}"
        try:
            piece = os.read(self.end, 65536)
        except OSError:  # Linux reports the closed end of the command like this
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)


@dataclass
class Shell:
    """A shell in its own folder, without the developer's settings."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, stdin: str | bytes | None = None, **environment: str) -> Result:
        """Run `kanban` with its output in pipes."""
        body = stdin.encode() if isinstance(stdin, str) else stdin
        process = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=body,
            stdin=None if body is not None else subprocess.DEVNULL,
            capture_output=True,
            cwd=self.folder,
            env=self.settings(environment),
            timeout=60,
        )
        return Result(process.returncode, process.stdout.decode(), process.stderr.decode())

    def ok(self, *arguments: object, stdin: str | bytes | None = None, **environment: str) -> Result:
        """Run `kanban`, which must succeed and print nothing on stderr but a footer, such as `3 of 7`."""
        output = self(*arguments, stdin=stdin, **environment)
        assert output.code == 0, output
        assert re.fullmatch(r"([0-9].*\n)?", output.err), output
        return output

    def terminal(self, *arguments: object, **environment: str) -> str:
        """Run `kanban` on a terminal; return everything that it displayed."""
        with self.screen(*arguments, **environment) as screen:
            assert screen.code() == 0, screen.shown
            return screen.shown.replace("\r\n", "\n")

    @contextmanager
    def screen(self, *arguments: object, **environment: str) -> Iterator[Screen]:
        """Run `kanban` on a terminal for the duration of the block."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env=self.settings({"TERM": "xterm-256color"} | environment),
            start_new_session=True,
        ) as process:
            os.close(theirs)
            try:
                yield Screen(process, ours)
            finally:
                process.kill()
                os.close(ours)

    @contextmanager
    def running(self, *arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Run `kanban` for the duration of the block."""
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.settings(environment),
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def using(self, **environment: str) -> Shell:
        """Return the same shell with other settings."""
        return Shell(self.folder, {**self.environment, **environment})

    def settings(self, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """Return the environment of its processes."""
        home = str(self.folder / "home")
        clean = {name: value for name, value in clean_environment().items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
        own = {
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_HOME": home,
            "XDG_STATE_HOME": home,
            "PYTHONPATH": str(ROOT),
        }
        return {**clean, **own, **self.environment, **more}
