"""The operator's page says everything that there is to set and to find, and nothing else.

After a change of the settings: python -m tests.docs.test_operations
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.docs.reference import variables

PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings: python -m tests.docs.test_operations -->\n", "<!-- end -->"


def written() -> str:
    """The page, with the settings as they are now."""
    table = variables().partition("## Limits")[0].partition("| variable")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n{table[1]}{table[2].strip()}\n\n{END}{rest.partition(END)[2]}"


def findings(*files: str) -> set[str]:
    """The names of the findings of `kanban doctor`."""
    code = "".join((ROOT / file).read_text() for file in files)
    return set(re.findall(r'Finding\(\s*"(\w+)"', code))


def test_the_settings_stand_in_the_page_as_they_are() -> None:
    assert PAGE.read_text() == written(), __doc__


def test_every_finding_of_the_doctor_is_explained() -> None:
    section = PAGE.read_text().partition("## Health and diagnosis")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert told == findings("kanban_cli/doctor_checks.py", "kanban_server/commands/doctor.py")


@pytest.mark.parametrize("folder", ["deploy", "docs"])
def test_every_variable_that_is_named_is_one(folder: str) -> None:
    settings = set(re.findall(r"KANBAN_[A-Z_]+", variables()))
    clients = {f"KANBAN_{name}" for name in ("URL", "USER", "TOKEN", "BOARD", "LEASE", "HOME", "TICKET", "TITLE")}
    for path in Path(ROOT / folder).glob("*"):
        if path.is_file():
            named = set(re.findall(r"KANBAN_[A-Z_]+", path.read_text()))
            assert named <= settings | clients, path


if __name__ == "__main__":
    PAGE.write_text(written())
