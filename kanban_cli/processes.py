"""The server that `kanban up` starts beside the shell, and how `kanban down` knows it again."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kanban_cli.context import typed, url
from kanban_cli.exits import LOOPBACK, NOT_ALLOWED, TIMEOUT, UNEXPECTED, USAGE, Stop
from kanban_sdk.calls.address import address

START_SECONDS = 30.0
STOP_SECONDS = 15.0
LSTART = len("Sat Nov 28 08:00:00 2026")
"""The characters of a time as `ps` writes it."""


class Address(NamedTuple):
    """Where a local server listens."""

    host: str
    port: int


def local() -> Address:
    """Where the server listens, if it is one of this machine. Stops where it is not."""
    parts = address(url())
    host = parts.hostname or ""
    if host not in LOOPBACK or parts.scheme != "http":
        raise Stop(USAGE, f"{url()} is not of this machine.", fix="kanban up --url http://127.0.0.1:8000")
    return Address(host, parts.port or 80)


def health() -> dict[str, Any] | None:
    """What answers at the URL, if it is a kanban server; None where none does."""
    from kanban_sdk.calls import server
    from kanban_sdk.errors import KanbanError
    from kanban_sdk.plain import Plain

    try:
        said = Plain(url(), {"X-Kanban-Client": "cli"}, timeout=2.0, tries=1).send(server.health())  # needs no token
    except (KanbanError, TypeError, ValueError):
        return None
    return said if said.get("status") == "healthy" else None


def start(at: Address, settings: Mapping[str, str]) -> None:
    """Start a server that outlives the shell, unless one answers, and wait until it does. Stops where it does not.

    `settings` are for its environment: a database's password is to be seen in no list of processes.
    """
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"up-{at.port}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two that start one at once, the second finds it
        if health() is None:
            _start(at, settings, folder / f"up-{at.port}.log")


def _start(at: Address, settings: Mapping[str, str], log: Path) -> None:
    command = [sys.executable, "-m", "kanban_server", "--host", at.host, "--port", str(at.port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **settings},
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        if health() is not None:
            _note(at, process.pid)
            return
        if time.monotonic() > deadline:
            process.terminate()
            raise Stop(TIMEOUT, f"The server did not answer in {START_SECONDS:.0f} s; {log} has its words.")
        time.sleep(0.05)
    if health() is None:
        said = log.read_text(errors="replace").strip()[-500:] or f"it ended with code {process.returncode}"
        raise Stop(UNEXPECTED, f"The server did not start: {said}", fix=f"kanban serve --port {at.port}")


def _note(at: Address, pid: int) -> None:
    """Write down which process it is, for its own user to read."""
    file = _pid_file(at)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as note:
        json.dump({"pid": pid, "identity": identity(pid)}, note)


def stop(at: Address) -> bool:
    """Stop the server that `up` started there; False where there is none. Never ends another process."""
    file = _pid_file(at)
    try:
        kept = json.loads(file.read_text())
        pid, known = int(kept["pid"]), str(kept["identity"])
    except (OSError, ValueError, KeyError, TypeError):
        pid, known = 0, ""
    if not pid or identity(pid) != known:
        file.unlink(missing_ok=True)
        if health() is not None:
            detail = f"`kanban up` did not start the server at {url()}, so it is not ended from here."
            raise Stop(NOT_ALLOWED, detail, fix="Stop it where it was started.")
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while identity(pid) == known:
        if time.monotonic() > deadline:
            raise Stop(TIMEOUT, f"The server (process {pid}) has not ended in {STOP_SECONDS:.0f} s.", fix=typed())
        time.sleep(0.02)
    file.unlink(missing_ok=True)
    return True


def identity(pid: int) -> str | None:
    """When a server's process began: another process that gets its number later has another identity."""
    proc = Path(f"/proc/{pid}")
    try:
        if proc.parent.joinpath("self").exists():
            began = proc.joinpath("stat").read_text().rpartition(")")[2].split()[19]
            runs = proc.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        else:
            shown = subprocess.run(["ps", "-o", "lstart=,command=", "-p", str(pid)], capture_output=True, text=True)
            began, runs = shown.stdout[:LSTART], shown.stdout[LSTART:]
    except (OSError, IndexError):
        return None
    return began if "kanban_server" in runs else None


def data_folder() -> Path:
    """Where a server keeps its database by default: the user's data folder, or `KANBAN_HOME`."""
    import platformdirs

    return Path(os.environ.get("KANBAN_HOME") or platformdirs.user_data_dir("agent-kanban", appauthor=False))


def _pid_file(at: Address) -> Path:
    return data_folder() / f"up-{at.port}.json"
