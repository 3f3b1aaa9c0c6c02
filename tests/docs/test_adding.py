"""What CONTRIBUTING tells to do to add something is all that it takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.blocks import ROOT
from tests.support.servers import clean_environment

PATCH = ROOT / "tests/docs/adding/cheering.patch"
HELD = [
    "tests/sdk/test_errors.py",
    "tests/sdk/test_package.py",
    "tests/sdk/test_operations.py",
    "tests/cli/test_surface.py",
    "tests/server/test_access.py::test_no_route_and_no_asker_is_left_out",
    "tests/server/test_problems.py::test_server_sdk_and_command_line_know_the_same_types",
    "tests/server/test_problems.py::test_every_type_is_provoked_by_a_test",
    "tests/server/test_cheering.py",
]
"""The tests that hold the tables to one another, and the one that the patch brings."""
ELSEWHERE = {"kanban_sdk/stream/fold.py", "kanban_server/web/model/board.js", "kanban_cli/errors.py"}
"""What the steps name for other cases than that of the patch."""


def test_a_verb_an_event_and_a_problem_are_added_where_the_steps_say_and_nowhere_else(tmp_path: Path) -> None:
    steps = (ROOT / "CONTRIBUTING.md").read_text().partition("**A verb**")[2].partition("**A table")[0]
    named = {path for path in re.findall(r"`((?:kanban_\w+|tests)/[\w/.]+)`", steps) if not path.endswith("/")}
    touched = set(re.findall(r"^\+\+\+ b/(.+)$", PATCH.read_text(), re.MULTILINE))
    made = {"kanban_server/actions/cheering.py"}
    assert touched - made == named - ELSEWHERE - {"tests/faults/test_any_history.py"}
    assert all((ROOT / path).is_file() for path in ELSEWHERE)

    tree = tmp_path / "tree"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "apply", str(PATCH)], cwd=tree, check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *HELD]
    ran = subprocess.run(
        command, cwd=tree, env=clean_environment(PYTHONPATH=str(tree)), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    said = subprocess.run(
        [sys.executable, "-m", "kanban_cli", "cheer", "--help"], cwd=tree, env=clean_environment(PYTHONPATH=str(tree)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Cheer a ticket on" in said.stdout
