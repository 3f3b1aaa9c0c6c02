"""`kanban setup` changes a marked block in the file of an agent program, and no other byte."""

from __future__ import annotations

import pytest

from kanban_cli import managed_block
from kanban_cli.commands.agents import BLOCK, FILES, RULE
from tests.support.cli import Shell

TEXTS = [b"", b"# Mine", b"# Mine\n", b"# Mine\r\n\r\nnext\r\n\n\n", b"\xff\xfe not UTF-8 \n", b"\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_block_is_inserted_once_replaced_in_place_and_removed_to_the_byte(text: bytes) -> None:
    with_block = managed_block.insert_block(text, BLOCK)
    assert with_block.startswith(text)
    assert managed_block.insert_block(with_block, BLOCK) == with_block
    assert managed_block.remove_block(with_block) == text
    inside = managed_block.insert_block(text, b"old\n") + b"behind\n"
    assert managed_block.insert_block(inside, BLOCK) == with_block + b"behind\n"
    assert managed_block.remove_block(text) == text


@pytest.mark.parametrize(
    "text",
    [
        managed_block.BEGIN,
        managed_block.END,
        managed_block.END + managed_block.BEGIN,
        managed_block.insert_block(b"", b"") * 2,
    ],
)
def test_unpaired_marks_are_refused(text: bytes) -> None:
    with pytest.raises(managed_block.UnpairedMarks):
        managed_block.insert_block(text, BLOCK)


def test_setup_writes_checks_and_removes_for_every_agent(kanban: Shell) -> None:
    mine = kanban.folder / "CLAUDE.md"
    mine.write_bytes(b"# Mine\r\nno end")
    (kanban.folder / "GEMINI.md").symlink_to(mine)
    assert kanban("setup", "gemini", "--check").code == 3
    assert kanban.ok("setup", "claude").out == "CLAUDE.md: written\n"
    assert mine.read_bytes().startswith(b"# Mine\r\nno end\n<!-- kanban:begin -->\n## The work")
    assert kanban.ok("setup", "gemini", "--check").out == "GEMINI.md: unchanged\n"
    assert kanban.ok("setup", "claude", "--json").json == {"file": str(mine), "changed": False}
    kanban.ok("setup", "gemini", "--remove")
    assert mine.read_bytes() == b"# Mine\r\nno end"
    assert (kanban.folder / "GEMINI.md").is_symlink()
    rules = kanban.folder / FILES["cursor"]
    kanban.ok("setup", "cursor")
    assert rules.read_bytes() == managed_block.insert_block(RULE, BLOCK)
    kanban.ok("setup", "cursor", "--remove")
    assert not rules.exists()
    mine.write_bytes(managed_block.BEGIN)
    assert kanban("setup", "claude").code == 5
    assert mine.read_bytes() == managed_block.BEGIN
