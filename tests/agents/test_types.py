"""What pyright sees of the SDK in the programs of users; mypy sees the same (tests/sdk/test_package.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.conftest import Require
from tests.support.cli import ROOT

PROGRAMS = ["tests/sdk/typed.py", "tests/agents/typed.py"]
WRONG = """
from typing import assert_type
from kanban_sdk import Kanban, Ticket
def f(kanban: Kanban) -> None:
    assert_type(kanban.tickets.get(1), str)
    kanban.tickets.get(1)  # type: ignore[call-arg]
"""


def pyright(*files: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.slow  # pyright reads the libraries anew
def test_pyright_sees_every_call_with_its_parameters_and_its_answer(require: Require, tmp_path: Path) -> None:
    require("pyright")
    checked = pyright(*PROGRAMS)
    assert checked.returncode == 0, checked.stdout
    wrong = tmp_path / "wrong.py"
    wrong.write_text(f"# pyright: strict, reportUnnecessaryTypeIgnoreComment=true{WRONG}")
    output = pyright(str(wrong)).stdout
    assert "reportAssertTypeFailure" in output
    assert "reportUnnecessaryTypeIgnoreComment" in output
