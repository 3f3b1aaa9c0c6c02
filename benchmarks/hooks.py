"""Time of `kanban hook` at each event of an agent's session, beside `python -c pass`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import boards
from benchmarks.client import run
from benchmarks.figures import Row, Target, percentile
from benchmarks.machine.cluster import free_port
from benchmarks.servers import Plan, clean_environment, kanban

KANBAN = str(Path(sys.executable).with_name("kanban"))
FLOOR = 'python -c "pass"'
SESSION = "benchmark"
MORE = "ms more"
"""Milliseconds more than the floor: the median of the differences of the rounds."""
TARGET = Target(MORE, "≤", 25.0)
EDIT = {"tool_name": "Edit", "tool_input": {"file_path": "login.py"}}
READ = {"tool_name": "Read", "tool_input": {"file_path": "login.py"}}
HOOKS: Mapping[str, tuple[list[str], Mapping[str, object]]] = {
    "before an edit, with a claim": (["before-tool", "--gate", "deny"], EDIT),
    "before another tool": (["before-tool", "--gate", "deny"], READ),
    "after a tool, within the minute": (["after-tool"], EDIT),
    "after a tool, with a renewal": (["after-tool"], EDIT),
    "a prompt, with two requests": (["prompt"], {"prompt": "Go on"}),
    "a stop, with a held ticket": (["stop"], {"stop_hook_active": False}),
}
START = "the start of a session"
WITHOUT_SERVER = "before an edit, without a server"


def measure(plan: Plan) -> list[Row]:
    """Measure a row for each event."""
    with kanban(plan) as server, session(server.port) as environment, tempfile.TemporaryDirectory() as elsewhere:
        without_server = {**environment, "KANBAN_URL": f"http://127.0.0.1:{free_port()}", "XDG_STATE_HOME": elsewhere}
        times: dict[str, list[Timing]] = {}
        for number in range(1 + (20 if plan.quick else 100)):
            for what, one in _round(environment, without_server):
                if number:  # the first round warms the disk cache
                    times.setdefault(what, []).append(one)
    rows = [Row(FLOOR, figures=_figures(times[FLOOR]))]
    for what in (*HOOKS, WITHOUT_SERVER, START):
        more = median(ours.wall - floor.wall for ours, floor in zip(times[what], times[FLOOR], strict=True))
        rows.append(Row(what, figures={MORE: more, **_figures(times[what])}, target=None if what == START else TARGET))
    return rows


class Timing(NamedTuple):
    """Milliseconds of a command: on the clock, and of the processor."""

    wall: float
    processor: float


def _round(environment: Mapping[str, str], without_server: Mapping[str, str]) -> Iterator[tuple[str, Timing]]:
    yield FLOOR, _time([sys.executable, "-c", "pass"], environment, {})
    for what, (words, payload) in HOOKS.items():
        if "renewal" in what:
            _forget(environment)
        yield what, _time([KANBAN, "hook", *words], environment, payload)
    yield WITHOUT_SERVER, _time([KANBAN, "hook", "before-tool", "--gate", "deny"], without_server, EDIT)
    yield START, _time([KANBAN, "hook", "start"], environment, {"source": "startup"})


@contextmanager
def session(port: int) -> Iterator[dict[str, str]]:
    """Make a board and a session that holds one of its tickets; the environment of its hooks."""
    board, [ticket, *_] = run(boards.board(port, 20))
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **clean_environment(KANBAN_URL=f"http://127.0.0.1:{port}", KANBAN_BOARD=str(board), KANBAN_USER="ada"),
            **dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"), home),
            "KANBAN_SESSION": SESSION,
        }
        subprocess.run([KANBAN, "claim", str(ticket)], env=environment, check=True, stdout=subprocess.DEVNULL)
        yield environment


def _time(command: list[str], environment: Mapping[str, str], payload: Mapping[str, object]) -> Timing:
    body = json.dumps({"session_id": SESSION, "hook_event_name": "", **payload}).encode()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(body)
    process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Timing(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def _forget(environment: Mapping[str, str]) -> None:
    """Make the hooks believe that they have done nothing yet."""
    for file in Path(environment["XDG_STATE_HOME"]).glob("agent-kanban/sessions/*.hooks.json"):
        file.unlink()


def _figures(timings: list[Timing]) -> dict[str, float]:
    wall = [one.wall for one in timings]
    return {"ms": median(wall), "p99 ms": percentile(wall, 99), "CPU ms": median(one.processor for one in timings)}
