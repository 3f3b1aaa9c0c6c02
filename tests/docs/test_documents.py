"""The commands and programs in the documents work unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, python, shell
from tests.support.servers import Server, running

DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A new server, as a reader of the document has it."""
    with running(str(tmp_path / "kanban.db")) as server:
        yield server


@pytest.mark.parametrize("document", ["docs/people.md", "docs/agents.md"])
def test_the_commands_of_a_guide_work_in_order(document: str, server: Server, tmp_path: Path) -> None:
    settings = {"KANBAN_URL": server.url, "KANBAN_DATABASE_URL": server.database}
    process = shell("\n".join(blocks(document, "sh")), tmp_path, **settings)
    assert process.returncode == 0, process


def test_the_programs_of_the_sdks_guide_work(server: Server, tmp_path: Path) -> None:
    programs = blocks("docs/sdk.md", "python")
    assert len(programs) == 5
    output = []
    for program in programs:
        process = python(program, tmp_path, KANBAN_URL=server.url, KANBAN_USER="ada")
        assert (process.returncode, process.stderr) == (0, ""), process
        output += process.stdout.splitlines()
    assert output == ["Done", "empty", "Done", "2 ['title']", "1 board_created", "2 ticket_created"]


def test_the_test_of_an_agent_in_the_sdks_guide_passes(tmp_path: Path) -> None:
    (program,) = blocks("docs/sdk.md", "python test_agent.py")
    (tmp_path / "test_agent.py").write_text(program)
    process = shell("python -m pytest -q -p no:cacheprovider test_agent.py", tmp_path)
    assert "1 passed" in process.stdout, process


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *DOCUMENTS])
def test_every_file_that_a_document_links_exists(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / document).read_text())
    for link in links:
        if "://" not in link:
            assert ((ROOT / document).parent / link).exists(), link


def test_every_file_that_the_journey_names_exists() -> None:
    named = re.findall(r"\*\*`([\w/.]+\.(?:py|js))`\*\*", (ROOT / "docs" / "journey.md").read_text())
    assert len(named) > 20
    packages = [ROOT, *(ROOT / name for name in ("kanban_server", "kanban_sdk", "kanban_cli"))]
    missing = [path for path in named if not any((package / path).is_file() for package in packages)]
    assert not missing
