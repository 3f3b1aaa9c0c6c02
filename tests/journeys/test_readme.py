"""The README's commands, run unchanged."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kanban_sdk import Kanban
from tests.support.servers import clean_environment, running

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(heading: str, language: str = "sh", number: int = 0) -> str:
    """Return a code block of a section."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    return blocks[number]


def shell(commands: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euc", commands],
        cwd=cwd,
        env=clean_environment(PATH=path, **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demo_shows_agents_at_work_and_leaves_the_server_running() -> None:
    process = shell(block("See it work").strip(), ROOT)
    try:
        assert process.returncode == 0, process.stderr
        assert {f'"actor":"{name}"' in process.stdout for name in ("ada", "bob", "eve")} == {True}
        url = re.search(r"KANBAN_URL=(\S+)", process.stdout)
        assert url is not None
        with Kanban(url[1]) as kanban:
            finished = kanban.tickets.page(1, column="Done")
            assert finished.total >= 12
            assert "ticket_claimed" in process.stdout
        lost = re.findall(r"-- (\w+) wanted (\d+), but (\w+) was first", process.stdout)
        assert len({loser for loser, ticket, _ in lost if ticket == lost[0][1]}) == 2, "one of three won the first"
        first_claim = next(line for line in process.stdout.splitlines() if '"event":"ticket_claimed"' in line)
        assert f'"id":{lost[0][1]},' in first_claim, "the watch was connected before the agents began"
        assert "exit code 5\n" in process.stdout
        assert process.stdout.endswith(f"Open the board in a browser: {url[1]}/board/1\n")
    finally:
        os.kill(int((ROOT / ".demo" / "server.pid").read_text()), signal.SIGTERM)


def test_the_commands_of_the_quick_start_work_in_order(tmp_path: Path) -> None:
    with running(str(tmp_path / "kanban.db")) as server:
        commands = block("Use it").replace("pip install .", "true")
        process = shell(commands, tmp_path, KANBAN_URL=server.url)
        assert process.returncode == 0, process.stderr
        assert "Fix the login race" in process.stdout
        watch = block("Use it", number=1).splitlines()[1]
        watched = shell(watch, tmp_path, KANBAN_URL=server.url)
        assert watched.stdout.count('"ticket_moved"') == 4  # two events, each with `event` and `type`


def test_the_python_of_the_quick_start_works(tmp_path: Path) -> None:
    with running(str(tmp_path / "kanban.db")) as server:
        process = subprocess.run(
            [sys.executable, "-c", block("Use it", "python")],
            cwd=tmp_path,
            env=clean_environment(KANBAN_URL=server.url, KANBAN_USER="ada", PYTHONPATH=str(ROOT)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1] == "3 ada ticket_moved"


@pytest.mark.parametrize("command", ["scripts/test", "scripts/demo", "scripts/faults", "scripts/benchmark"])
def test_the_commands_of_the_readme_exist_and_ci_runs_the_test_command(command: str) -> None:
    assert command in README
    assert os.access(ROOT / command, os.X_OK)
    assert "scripts/test --postgres" in (ROOT / ".ci" / "run").read_text()
