"""Start times of the command line, and of the server until it answers."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from statistics import median
from threading import Timer

from benchmarks import boards
from benchmarks.client import Connection, request, run
from benchmarks.figures import Row, Target, paired
from benchmarks.servers import Plan, Server, clean_environment, database, kanban, serving

KANBAN = str(Path(sys.executable).with_name("kanban"))
PYTHON, TYPER, HTTPX = "pass", "import typer", "import typer, httpx"
VERSION, MOVE = "kanban --version", "kanban move"
ENDPOINT, NEW, KNOWN = "bare endpoint's start", "server's start, new database", "server's start, known database"
NO_LONGER = 1.5
"""Maximum time of a command, relative to `import typer`."""
STARTED_MS = 800.0
"""Maximum time until a server answers."""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each thing that starts."""
    with kanban(plan) as server:
        rounds = _rounds(plan, server)
    times = {what: [one[what] for one in rounds] for what in rounds[0]}
    rows = [Row(f'python -c "{floor}"', figures=_figures(times[floor])) for floor in (PYTHON, TYPER, HTTPX)]
    for command in (VERSION, MOVE):
        ratios = {floor: paired(times[command], times[floor]) for floor in (HTTPX, TYPER)}
        rows.append(Row(command, ratios, _figures(times[command]), Target(TYPER, "≤", NO_LONGER)))
    rows.append(Row(ENDPOINT, figures=_figures(times[ENDPOINT])))
    for start in (NEW, KNOWN):
        ratios = {ENDPOINT: paired(times[start], times[ENDPOINT])}
        rows.append(Row(start, ratios, _figures(times[start]), Target("ms", "≤", STARTED_MS)))
    return rows


def _rounds(plan: Plan, server: Server) -> list[dict[str, float]]:
    """Return rounds of times in seconds; the first round, which warms the disk cache, is left out."""
    board, [ticket] = run(boards.board(server.port, 1))
    url = {"KANBAN_URL": f"http://127.0.0.1:{server.port}", "KANBAN_BOARD": str(board), "KANBAN_USER": "ada"}
    columns = cycle(("In Progress", "Done"))
    rounds = []
    for _ in range(1 + plan.rounds):
        one = {floor: _command(sys.executable, "-c", floor) for floor in (PYTHON, TYPER, HTTPX)}
        one[VERSION] = _command(KANBAN, "--version")
        one[MOVE] = _command(KANBAN, "move", str(ticket), next(columns), **url)
        one[ENDPOINT] = _answering("benchmarks.floors.endpoint")
        with database(plan) as address:
            for start in (NEW, KNOWN):
                one[start] = _answering("kanban_server", "--port", "0", "--database", address)
        rounds.append(one)
    return rounds[1:]


def _command(*command: str, **environment: str) -> float:
    start = time.perf_counter()
    with subprocess.Popen(command, env=clean_environment(**environment), stdout=subprocess.DEVNULL) as process:
        late = Timer(30, process.kill)
        late.start()
        code = process.wait()  # with a timeout, it would poll only every 50 ms
        seconds = time.perf_counter() - start
        late.cancel()
    if code != 0:
        raise subprocess.CalledProcessError(code, command)
    return seconds


def _answering(module: str, *arguments: str) -> float:
    start = time.perf_counter()
    with serving(module, *arguments) as server:
        run(_ask(server))
        return time.perf_counter() - start


async def _ask(server: Server) -> None:
    connection = await Connection.open(server.port)
    await connection.request(request("GET", "/health"))
    connection.close()


def _figures(seconds: list[float]) -> dict[str, float]:
    return {"ms": median(seconds) * 1000}
