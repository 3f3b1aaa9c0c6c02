"""The background server that `kanban up` starts, and how `kanban down` identifies it."""

import fcntl
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_ALLOWED, REFUSED, TIMEOUT, UNEXPECTED, USAGE
from kanban_cli.hints import LOOPBACK
from kanban_cli.invocation import Invocation
from kanban_cli.render.escaping import escape
from kanban_sdk.calls.address import parse_address

START_SECONDS = 600.0
"""How long a start may take until the server is stopped: a migration of a large database takes minutes."""
NOTICE_SECONDS = 1.0
"""How long a start may take until a terminal shows what it waits for."""
STOP_SECONDS = 15.0
LSTART_CHARACTERS = len("Sat Nov 28 08:00:00 2026")
"""Length of a time in the format of `ps`."""


class Address(NamedTuple):
    """Host and port of a local server."""

    host: str
    port: int


def local_address(invocation: Invocation) -> Address:
    """Return the address of a server on this machine. Stops if the URL is elsewhere."""
    parts = parse_address(invocation.server_url)
    host = parts.hostname or ""
    if host not in LOOPBACK or parts.scheme != "http":
        raise CommandError(
            USAGE, f"{invocation.server_url} is not on this machine.", fix="kanban up --url http://127.0.0.1:8000"
        )
    return Address(host, parts.port or 80)


def read_health(invocation: Invocation) -> Mapping[str, object] | None:
    """Return the health response of the kanban server at the URL; None if there is none."""
    from kanban_sdk.calls import server
    from kanban_sdk.errors import KanbanError
    from kanban_sdk.transport.blocking import BlockingTransport

    try:
        response = BlockingTransport(invocation.server_url, {"X-Kanban-Client": "cli"}, timeout=2.0, tries=1).send(
            server.health()
        )  # the endpoint needs no token
    except (KanbanError, TypeError, ValueError):
        return None
    return dict(response) if response.get("status") == "healthy" else None


def start_server(invocation: Invocation, address: Address, settings: Mapping[str, str]) -> None:
    """Start a server that outlives the shell, unless one is running, and wait until it responds. Stops if it does not.

    `settings` go into its environment: a database password must not appear in the process list.
    """
    folder = data_folder(invocation)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"up-{address.port}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # if two start at once, the second finds the first one's server
        health = read_health(invocation)
        if health is None:
            _spawn_server(invocation, address, settings, folder / f"up-{address.port}.log")
        elif settings:
            check_database(invocation, health, settings.get("KANBAN_DATABASE_URL"))


def check_database(invocation: Invocation, health: Mapping[str, object], typed: str | None) -> None:
    """Stop if a database is named, as an option or in KANBAN_DATABASE_URL, and the server uses another."""
    database = typed or invocation.environment.get("KANBAN_DATABASE_URL")
    if database is None:
        return
    command = [sys.executable, "-m", "kanban_server", "identify", "--json"]
    environment = {**invocation.environment, "KANBAN_DATABASE_URL": database}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        problem = json.loads(process.stderr)
        raise CommandError(UNEXPECTED, problem["detail"], fix=problem.get("fix"))
    if json.loads(process.stdout)["database_id"] != health.get("database_id"):
        fix = f"kanban up --url {_elsewhere(local_address(invocation))}" + (
            f" --database {shlex.quote(typed)}" if typed else ""
        )
        raise CommandError(REFUSED, f"A server with another database runs at {invocation.server_url}.", fix=fix)


def _check_free(at: Address) -> None:
    """Stop if another program uses the port."""
    try:
        socket.create_connection(at, timeout=2.0).close()
    except OSError:
        return
    detail = f"Port {at.port} is used by another program."
    raise CommandError(UNEXPECTED, detail, fix=f"kanban up --url {_elsewhere(at)}")


def _elsewhere(at: Address) -> str:
    """Return the URL of another port of the same host."""
    host = f"[{at.host}]" if ":" in at.host else at.host
    return f"http://{host}:{at.port + 1 if at.port < 65_535 else 8000}"


def _spawn_server(invocation: Invocation, address: Address, settings: Mapping[str, str], log: Path) -> None:
    _check_free(address)
    command = [sys.executable, "-m", "kanban_server", "--host", address.host, "--port", str(address.port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**invocation.environment, **settings},
            start_new_session=True,
        )
    if _wait_until_healthy(invocation, process, log):
        _write_pid_file(invocation, address, process.pid)
    elif read_health(invocation) is None:
        log_tail, _, fix = log.read_text(errors="replace").strip().partition("\n  next: ")
        log_tail = log_tail[-500:] or f"it ended with code {process.returncode}"
        raise CommandError(
            UNEXPECTED, f"The server did not start: {log_tail}", fix=fix or f"kanban serve --port {address.port}"
        )


def _wait_until_healthy(invocation: Invocation, process: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait until the server responds, and return False if it ends instead.

    If that takes more than a moment, a terminal shows what it waits for: the newest line of the server's log.
    """
    started = time.monotonic()
    shown = None
    while process.poll() is None:
        if read_health(invocation) is not None:
            return True
        waited = time.monotonic() - started
        if waited > START_SECONDS:
            process.terminate()
            raise CommandError(TIMEOUT, f"The server did not respond in {START_SECONDS:.0f} s; {log} is its log.")
        if waited > NOTICE_SECONDS and sys.stderr.isatty():
            lines = log.read_text(errors="replace").splitlines()
            newest = lines[-1] if lines else f"The server at {invocation.server_url} is starting; {log} is its log."
            if newest != shown:
                print(f"kanban: {escape(newest)}", file=sys.stderr, flush=True)
                shown = newest
        time.sleep(0.05)
    return False


def _write_pid_file(invocation: Invocation, address: Address, pid: int) -> None:
    """Record the process id and identity in a file that only the user can read."""
    file = _pid_file(invocation, address)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump({"pid": pid, "identity": process_identity(pid)}, stream)


def stop_server(invocation: Invocation, address: Address) -> bool:
    """Stop the server that `up` started; False if there is none. Never ends another process."""
    file = _pid_file(invocation, address)
    try:
        record = json.loads(file.read_text())
        pid, recorded_identity = int(record["pid"]), str(record["identity"])
    except (OSError, ValueError, KeyError, TypeError):
        pid, recorded_identity = 0, ""
    if not pid or process_identity(pid) != recorded_identity:
        file.unlink(missing_ok=True)
        if read_health(invocation) is not None:
            detail = (
                f"`kanban up` did not start the server at {invocation.server_url}, so `kanban down` does not stop it."
            )
            raise CommandError(
                NOT_ALLOWED, detail, fix="Stop it in the terminal or the service manager that started it."
            )
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while process_identity(pid) == recorded_identity:
        if time.monotonic() > deadline:
            raise CommandError(
                TIMEOUT,
                f"The server (process {pid}) has not ended in {STOP_SECONDS:.0f} s.",
                fix=str(invocation.command_line),
            )
        time.sleep(0.02)
    file.unlink(missing_ok=True)
    return True


def process_identity(pid: int) -> str | None:
    """Return a server process's start time, which tells it from a later process with the same id."""
    proc = Path(f"/proc/{pid}")
    try:
        if proc.parent.joinpath("self").exists():
            started = proc.joinpath("stat").read_text().rpartition(")")[2].split()[19]
            process_command = proc.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        else:
            ps = subprocess.run(["ps", "-o", "lstart=,command=", "-p", str(pid)], capture_output=True, text=True)
            started, process_command = ps.stdout[:LSTART_CHARACTERS], ps.stdout[LSTART_CHARACTERS:]
    except (OSError, IndexError):
        return None
    return started if "kanban_server" in process_command else None


def data_folder(invocation: Invocation) -> Path:
    """Return the default folder of a server's database: `KANBAN_HOME`, or the user's data folder."""
    import platformdirs

    return Path(
        invocation.environment.get("KANBAN_HOME") or platformdirs.user_data_dir("agent-kanban", appauthor=False)
    )


def _pid_file(invocation: Invocation, address: Address) -> Path:
    return data_folder(invocation) / f"up-{address.port}.json"
