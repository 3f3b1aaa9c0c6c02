"""The code of the web board: its types hold, and it is formatted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.cli import ROOT

TOOLS = ROOT / "node_modules"


def run(config: pytest.Config, tool: str, *arguments: str | Path) -> None:
    """Run a tool of npm; skips where it was not installed."""
    path = TOOLS / ".bin" / tool
    if not path.exists() and config.getoption("--browser"):
        pytest.fail(f"{tool} is required, and missing: npm install --no-save")
    if not path.exists():
        pytest.skip(f"{tool}: not installed (scripts/test --browser installs it)")
    done = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_of_the_web_board_hold(pytestconfig: pytest.Config) -> None:
    run(pytestconfig, "tsc", "--project", "tests/web/types")


def test_the_web_board_is_formatted(pytestconfig: pytest.Config) -> None:
    run(pytestconfig, "prettier", "--check", "kanban_server/web/**/*.{js,css,html}", "tests/web/**/*.{js,ts,json}")
