"""The steps of CONTRIBUTING are sufficient to add a verb, an event type and a problem type."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.support.servers import clean_environment

PATCH = ROOT / "tests/docs/adding/cheering.patch"
TESTS = [
    "tests/sdk/test_errors.py",
    "tests/sdk/test_package.py",
    "tests/sdk/test_operations.py",
    "tests/cli/test_surface.py",
    "tests/server/accounts/test_access.py::test_no_route_and_no_asker_is_left_out",
    "tests/server/http/test_problems.py::test_server_sdk_and_command_line_know_the_same_types",
    "tests/server/http/test_problems.py::test_every_type_is_provoked_by_a_test",
    "tests/server/tickets/test_cheering.py",
]
"""Tests that compare the tables with one another, and the test of the patch."""
OTHER_CASES = {"kanban_sdk/stream/fold.py", "kanban_server/web/model/board.js", "kanban_cli/errors.py"}
"""Files that the steps name for other cases than the patch."""


@pytest.mark.slow
def test_a_verb_an_event_and_a_problem_need_only_the_documented_steps(tmp_path: Path) -> None:
    steps = (ROOT / "CONTRIBUTING.md").read_text().partition("**A verb**")[2].partition("**A table")[0]
    named = {path for path in re.findall(r"`((?:kanban_\w+|tests)/[\w/.]+)`", steps) if not path.endswith("/")}
    touched = set(re.findall(r"^\+\+\+ b/(.+)$", PATCH.read_text(), re.MULTILINE))
    new = {"kanban_server/actions/cheering.py"}
    assert touched - new == named - OTHER_CASES - {"tests/faults/test_any_history.py"}
    assert all((ROOT / path).is_file() for path in OTHER_CASES)

    tree = tmp_path / "tree"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "apply", str(PATCH)], cwd=tree, check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    process = subprocess.run(
        command, cwd=tree, env=clean_environment(PYTHONPATH=str(tree)), capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-1000:]
    help_text = subprocess.run(
        [sys.executable, "-m", "kanban_cli", "cheer", "--help"], cwd=tree, env=clean_environment(PYTHONPATH=str(tree)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Cheer a ticket on" in help_text.stdout
