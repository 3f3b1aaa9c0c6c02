"""Every command has a manual page, and each shell a completion script."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from kanban_cli.manual import COMPLETIONS, shared_files
from kanban_cli.table import COMMANDS


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return shared_files()


def test_every_command_and_every_shell_has_its_file(files: dict[str, str]) -> None:
    pages = {path.rpartition("/")[2] for path in files if "/man1/" in path}
    assert {"kanban.1", *(f"kanban-{name}.1" for name in COMMANDS)} <= pages
    assert "kanban-board-add.1" in pages
    for shell, path in COMPLETIONS.items():
        assert f"complete_{shell}" in files[path]


def test_the_files_are_made_where_only_the_build_requirements_are_installed() -> None:
    """A wheel is built in an environment with Typer alone: the commands load nothing else until they run."""
    script = (
        "import sys, kanban_cli.manual\n"
        "for name in ('yaml', 'httpx', 'websockets', 'dateparser', 'jq', 'platformdirs', 'fastapi', 'sqlalchemy'):\n"
        "    sys.modules[name] = None\n"
        "kanban_cli.manual.shared_files()"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_page_has_what_the_help_has(files: dict[str, str]) -> None:
    page = files["share/man/man1/kanban-move.1"]
    assert page.startswith('.TH "KANBAN-MOVE" 1')
    assert "kanban\\-move \\- Move tickets to a column\n" in page
    for heading in ("SYNOPSIS", "DESCRIPTION", "ARGUMENTS", "OPTIONS", "EXAMPLES"):
        assert f".SH {heading}\n" in page
    assert ".B \\-\\-before TICKET\nPut it before this ticket." in page
    assert "kanban move 12 13 Done" in page
    assert "EXIT CODES" in files["share/man/man1/kanban.1"]


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff: none on the PATH")
def test_groff_formats_every_page_without_a_warning(files: dict[str, str]) -> None:
    pages = "".join(text for path, text in files.items() if "/man1/" in path)
    process = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8"], input=pages.encode(), capture_output=True, timeout=60, check=False
    )
    assert (process.returncode, process.stderr) == (0, b"")


def test_no_line_of_a_page_is_a_request_by_accident(files: dict[str, str]) -> None:
    requests = {".TH", ".SH", ".PP", ".TP", ".B", ".nf", ".fi"}
    for path, text in files.items():
        if "/man1/" in path:
            assert {line.split()[0] for line in text.splitlines() if line.startswith((".", "'"))} <= requests, path
