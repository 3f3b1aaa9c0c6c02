"""The import contracts of `pyproject.toml`: each of them fails when its rule is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the three packages, and of their contracts."""
    for package in ("kanban_sdk", "kanban_server", "kanban_cli"):
        for module in (ROOT / package).rglob("*.py"):
            copy = tmp_path / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, copy)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(project: Path) -> list[str]:
    """The names of the contracts that a project breaks."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    assert any(line.startswith("Contracts: ") for line in lines), run.stdout + run.stderr
    return [line.rpartition(" BROKEN")[0] for line in lines if " BROKEN" in line]


def append(project: Path, module: str, line: str) -> None:
    """Append a line to a module, which is created if it does not exist."""
    with (project / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (
            "kanban_server/rules/clocks.py",
            "from kanban_sdk.stream import digest",
            "The server takes the wire and the fold from the SDK, and nothing else",
        ),
        (
            "kanban_server/app.py",
            "import kanban_sdk",
            "The server takes the wire and the fold from the SDK, and nothing else",
        ),
        (
            "kanban_sdk/stream/fold.py",
            "from kanban_sdk.stream import digest",
            "The fold takes the wire from the SDK, and nothing else",
        ),
        (
            "kanban_sdk/wire/shape.py",
            "from kanban_sdk.wire import boards",
            "Inside the SDK, no two siblings import each other",
        ),
        ("kanban_sdk/wire/limits.py", "from kanban_sdk import errors", "Inside the SDK, imports go down"),
    ],
)
def test_an_import_against_the_contracts_is_reported(project: Path, module: str, line: str, contract: str) -> None:
    append(project, "kanban_sdk/stream/digest.py", '"""A new module of the SDK, which no contract names."""')
    assert broken_contracts(project) == []
    append(project, module, line)
    assert contract in broken_contracts(project)
