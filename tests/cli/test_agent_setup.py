"""`kanban setup` connects an agent program: it adds to the files of the program, and changes no other byte."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanban_cli.harnesses import managed_block
from kanban_cli.harnesses.json_text import JsonText, NotJson
from kanban_cli.harnesses.programs import BLOCK, NAMES, RULE
from tests.support.cli import Shell

SETTINGS = Path(__file__).parents[1] / "data" / "hooks" / "settings"
FILES: dict[str, dict[str, str | None]] = {
    "claude": {".claude/settings.json": "claude.json", ".mcp.json": "claude.mcp.json", "CLAUDE.md": None},
    "codex": {".codex/hooks.json": "codex.hooks.json", ".codex/config.toml": "codex.toml", "AGENTS.md": None},
    "gemini": {".gemini/settings.json": "gemini.json", "GEMINI.md": None},
    "cursor": {".cursor/hooks.json": "cursor.hooks.json", ".cursor/mcp.json": "cursor.mcp.json"},
    "copilot": {".github/mcp.json": "copilot.mcp.json", "AGENTS.md": None},
    "opencode": {"opencode.jsonc": "opencode.jsonc", "AGENTS.md": None},
    "generic": {"AGENTS.md": None},
}
"""The files of each program that somebody may have already, and real-shaped ones; None stands for a Markdown file."""
TEXTS = [b"", b"# Mine", b"# Mine\n", b"# Mine\r\n\r\nnext\r\n\n\n", b"\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_block_is_inserted_once_replaced_in_place_and_removed_to_the_byte(text: bytes) -> None:
    with_block = managed_block.insert_block(text, BLOCK)
    assert with_block.startswith(text)
    assert managed_block.insert_block(with_block, BLOCK) == with_block
    assert managed_block.remove_block(with_block) == text
    assert (b"begin -->\r\n" in with_block) == (b"Mine\r" in text)
    inside = managed_block.insert_block(text, b"old\n") + b"behind\n"
    assert managed_block.insert_block(inside, BLOCK) == with_block + b"behind\n"
    assert managed_block.remove_block(text) == text


@pytest.mark.parametrize(
    "text",
    [
        managed_block.MARKDOWN.begin,
        managed_block.MARKDOWN.end,
        managed_block.MARKDOWN.end + managed_block.MARKDOWN.begin,
        managed_block.insert_block(b"", b"") * 2,
    ],
)
def test_unpaired_marks_are_refused(text: bytes) -> None:
    with pytest.raises(managed_block.UnpairedMarks):
        managed_block.insert_block(text, BLOCK)


def existing_files(kanban: Shell, program: str) -> dict[Path, bytes]:
    """Put real-shaped files of a program into the folder; return their bytes."""
    content: dict[Path, bytes] = {}
    for name, source in FILES[program].items():
        file = kanban.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if source is None:
            file.write_bytes(b"# Mine\r\nno end")
        else:
            shutil.copyfile(SETTINGS / source, file)
        content[file] = file.read_bytes()
    return content


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("program", NAMES)
def test_what_is_installed_between_foreign_settings_is_removed_to_the_byte(program: str, kanban: Shell) -> None:
    before = existing_files(kanban, program)
    assert kanban("setup", program, "--check").code == 3
    kanban.ok("setup", program, "--dry-run")
    assert everything(kanban.folder) == before
    kanban.ok("setup", program)
    installed = everything(kanban.folder)
    assert all(installed[file] != content for file, content in before.items())
    assert kanban.ok("setup", program, "--check", "--json").json["changed"] is False
    kanban.ok("setup", program)
    assert everything(kanban.folder) == installed
    kanban.ok("setup", program, "--gate", "deny")
    assert (everything(kanban.folder) != installed) == (program != "generic")
    kanban.ok("setup", program, "--remove")
    assert everything(kanban.folder) == before
    assert kanban.ok("setup", program, "--remove", "--json").json["changed"] is False


@pytest.mark.parametrize("program", NAMES)
@pytest.mark.parametrize("scope", ["project", "user"])
def test_what_is_installed_in_an_empty_folder_leaves_nothing(program: str, scope: str, kanban: Shell) -> None:
    options = ["--user"] if scope == "user" else []
    kanban.ok("setup", program, *options)
    assert everything(kanban.folder)
    assert all(path.is_relative_to(kanban.folder / "home") for path in everything(kanban.folder)) == (
        scope == "user" and program != "generic"
    )
    kanban.ok("setup", program, *options, "--remove")
    assert everything(kanban.folder) == {}


def test_the_hooks_of_a_user_start_kanban_by_its_path(kanban: Shell) -> None:
    kanban.ok("setup", "claude", "--user", "--part", "hooks", "--gate", "deny")
    hooks = json.loads((kanban.folder / "home" / ".claude" / "settings.json").read_text())["hooks"]
    (entry,) = hooks["PreToolUse"][0]["hooks"]
    path, *words = entry["command"].split()
    assert Path(path).is_absolute()
    assert words == ["hook", "before-tool", "--for", "claude", "--gate", "deny", "||", "true"]
    assert not (kanban.folder / "home" / ".claude" / "CLAUDE.md").exists()


def test_servers_are_where_each_program_looks_for_them(kanban: Shell) -> None:
    for program in NAMES:
        existing_files(kanban, program)
        kanban.ok("setup", program)
    server = {"command": "kanban", "args": ["mcp"]}
    assert json.loads((kanban.folder / ".mcp.json").read_text())["mcpServers"]["kanban"].items() >= server.items()
    codex = tomllib.loads((kanban.folder / ".codex" / "config.toml").read_text())
    assert codex["mcp_servers"] == {"docs": {"command": "npx", "args": ["-y", "docs-server"]}, "kanban": server}
    assert json.loads((kanban.folder / ".cursor" / "mcp.json").read_text())["mcpServers"]["kanban"] == server
    assert JsonText((kanban.folder / "opencode.jsonc").read_text()).get("mcp", "kanban", "command") == ["kanban", "mcp"]


def test_shared_rules_stay_for_the_program_that_still_needs_them(kanban: Shell) -> None:
    kanban.ok("setup", "codex")
    kanban.ok("setup", "opencode")
    assert "AGENTS.md: rules kept, for opencode" in kanban.ok("setup", "codex", "--remove").out
    assert b"kanban:begin" in (kanban.folder / "AGENTS.md").read_bytes()
    kanban.ok("setup", "opencode", "--remove")
    assert everything(kanban.folder) == {}


def test_a_link_to_rules_stays_a_link(kanban: Shell) -> None:
    mine = kanban.folder / "CLAUDE.md"
    mine.write_bytes(b"# Mine\r\nno end")
    (kanban.folder / "GEMINI.md").symlink_to(mine)
    assert kanban("setup", "gemini", "--part", "rules", "--check").code == 3
    assert kanban.ok("setup", "claude", "--part", "rules").out.startswith("CLAUDE.md: rules written\n")
    assert mine.read_bytes().startswith(b"# Mine\r\nno end\r\n<!-- kanban:begin -->\r\n## The work")
    assert kanban.ok("setup", "gemini", "--part", "rules", "--check").out == "GEMINI.md: rules unchanged\n"
    kanban.ok("setup", "gemini", "--part", "rules", "--remove")
    assert mine.read_bytes() == b"# Mine\r\nno end"
    assert (kanban.folder / "GEMINI.md").is_symlink()
    rules = kanban.folder / ".cursor" / "rules" / "kanban.mdc"
    kanban.ok("setup", "cursor", "--part", "rules")
    assert rules.read_bytes() == managed_block.insert_block(RULE, BLOCK)
    kanban.ok("setup", "cursor", "--part", "rules", "--remove")
    assert not rules.exists()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        (".claude/settings.json", '{"a": 1}'.encode("utf-16"), "UTF-16"),
        (".claude/settings.json", b'{"a": "\xe4"}', "not UTF-8"),
        (".claude/settings.json", b"", "no JSON"),
        (".claude/settings.json", b'{"hooks": []}', "hooks is no object"),
        (".claude/settings.json", b'{"a": 1, "a": 2}', "twice"),
        (".claude/settings.json", b'{"a": 1} {"b": 2}', "more after the value"),
        ("CLAUDE.md", "# Mine\n".encode("utf-16"), "UTF-16"),
        ("CLAUDE.md", managed_block.MARKDOWN.begin, "only one of the two marks"),
    ],
)
def test_a_file_that_can_not_be_changed_safely_is_refused_and_stays(
    name: str, content: bytes, why: str, kanban: Shell
) -> None:
    file = kanban.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    refused = kanban("setup", "claude")
    assert (refused.code, why in refused.err) == (5, True), refused
    assert f"next: Correct {name}" in refused.err
    assert file.read_bytes() == content


def test_a_server_of_that_name_and_a_foreign_plugin_are_refused(kanban: Shell) -> None:
    config = kanban.folder / ".codex" / "config.toml"
    config.parent.mkdir()
    for text in ('[mcp_servers.kanban]\ncommand = "mine"\n', "broken = \n"):
        config.write_text(text)
        assert kanban("setup", "codex").code == 5
        assert config.read_text() == text
    plugin = kanban.folder / ".opencode" / "plugins" / "kanban.js"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("export const Mine = async () => ({});\n")
    assert kanban("setup", "opencode").code == 5
    kanban.ok("setup", "opencode", "--remove")
    assert plugin.read_text().startswith("export const Mine")
    assert kanban("setup", "cursor", "--user", "--part", "rules").code == 2
    assert kanban("setup", "claude", "--check", "--remove").code == 2


GAPS = st.sampled_from(["", " ", "\n", "\r\n  ", " // note, [x]\n", "/* {,} */"])


@st.composite
def json_texts(draw: st.DrawFn, depth: int = 3) -> str:
    """JSON with comments, spaces and trailing commas anywhere."""
    kind = draw(st.sampled_from(["scalar", "array", "object"] if depth else ["scalar"]))
    if kind == "scalar":
        return draw(st.sampled_from(["1", "-2.5e3", "true", "null", '""', '"a,b]}"', '"\\"//"', '"ä"']))
    count = draw(st.integers(0, 3))
    names = draw(st.lists(st.sampled_from(["hooks", "X", "Y", "mcpServers", "kanban2", "a"]), unique=True, min_size=3))
    items = [draw(json_texts(depth - 1)) for _ in range(count)]
    if kind == "object":
        items = [f"{json.dumps(name)}{draw(GAPS)}:{draw(GAPS)}{one}" for name, one in zip(names, items, strict=False)]
    inner = ",".join(f"{draw(GAPS)}{one}{draw(GAPS)}" for one in items)
    trailing = draw(st.sampled_from(["", ","])) if items else ""
    opening, closing = ("{", "}") if kind == "object" else ("[", "]")
    return f"{opening}{inner}{trailing}{draw(GAPS)}{closing}"


def is_mark(value: object) -> bool:
    return isinstance(value, dict) and "ours" in value


@given(text=json_texts(), gap=GAPS)
@settings(max_examples=400, deadline=None)
def test_any_json_gets_our_entries_and_loses_them_to_the_byte(text: str, gap: str) -> None:
    before = JsonText(gap + text + "\n")
    try:
        after = before.with_item(["hooks", "X"], {"ours": [1]}).with_item(["hooks", "Y"], {"ours": {}})
        after = after.with_member(["mcpServers", "kanban"], {"command": "kanban"})
    except NotJson:
        return
    added = after.get("hooks", "X")
    assert isinstance(added, list)
    assert added[-1] == {"ours": [1]}
    again = after.without_member(["mcpServers", "kanban"])
    again = again.without_items(["hooks", "Y"], is_mark).without_items(["hooks", "X"], is_mark)
    assert again.text == before.text
