"""The page for operators lists exactly the settings and the findings of `kanban doctor`.

After a change of the settings, run: python -m tests.docs.test_operations
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.docs.reference import variables

PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings: python -m tests.docs.test_operations -->\n", "<!-- end -->"


def current_page() -> str:
    """Return the page with the current settings."""
    table = variables().partition("## Limits")[0].partition("| variable")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n{table[1]}{table[2].strip()}\n\n{END}{rest.partition(END)[2]}"


def findings(*files: str) -> set[str]:
    """Return the names of the findings of `kanban doctor`."""
    code = "".join((ROOT / file).read_text() for file in files)
    return set(re.findall(r'Finding\(\s*"(\w+)"', code))


def test_the_page_lists_the_current_settings() -> None:
    assert PAGE.read_text() == current_page(), __doc__


def test_every_finding_of_the_doctor_is_explained() -> None:
    section = PAGE.read_text().partition("## Health and diagnosis")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert documented == findings(
        "kanban_cli/doctor_checks.py", "kanban_server/commands/doctor.py", "kanban_server/commands/stored_checks.py"
    )


@pytest.mark.parametrize("folder", ["deploy", "docs"])
def test_every_variable_in_the_documents_exists(folder: str) -> None:
    settings = set(re.findall(r"KANBAN_[A-Z_]+", variables()))
    clients = {
        f"KANBAN_{name}"
        for name in ("URL", "USER", "TOKEN", "BOARD", "LEASE", "HOME", "SESSION", "CAN", "TICKET", "TITLE")
    } | {"KANBAN_GATE", "KANBAN_HOOK_SECONDS", "KANBAN_HOOK_VERBOSE"}
    for path in Path(ROOT / folder).glob("*"):
        if path.is_file():
            named = set(re.findall(r"KANBAN_(?!TEST_)[A-Z_]+", path.read_text()))
            assert named <= settings | clients, path


if __name__ == "__main__":
    PAGE.write_text(current_page())
