"""The plug-in folders hold what `kanban setup` installs, and every manifest names the version of the package.

After a change of the hooks: python -m tests.packaging.test_plugins
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kanban_cli.harnesses.parts import JsonHooks, OwnFile
from kanban_cli.harnesses.programs import Installation, targets

ROOT = Path(__file__).parents[2]
PLUGIN, EXTENSION = ROOT / "plugins" / "kanban", ROOT / "plugins" / "gemini" / "kanban"
HOOKS = {
    "claude": PLUGIN / "hooks" / "hooks.json",
    "codex": PLUGIN / "hooks" / "codex.json",
    "copilot": PLUGIN / "hooks" / "copilot.json",
    "gemini": EXTENSION / "hooks" / "hooks.json",
}
MANIFESTS = (
    *(PLUGIN / folder / "plugin.json" for folder in (".claude-plugin", ".codex-plugin", ".plugin")),
    EXTENSION / "gemini-extension.json",
    ROOT / "server.json",
)


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def hooks(program: str) -> str:
    """The file of hooks of a plug-in."""
    part = next(one.part for one in targets(program, Installation("project")) if one.name == "hooks")
    if isinstance(part, OwnFile):
        return part.text.decode()
    assert isinstance(part, JsonHooks)
    return json.dumps({"hooks": {event: [entry] for event, entry in part.entries.items()}}, indent=2) + "\n"


@pytest.mark.parametrize("program", HOOKS)
def test_a_plugin_has_the_hooks_that_setup_installs(program: str) -> None:
    assert HOOKS[program].read_text() == hooks(program), __doc__


def test_every_manifest_has_the_version_of_the_package_and_names_files_that_exist() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {read(manifest)["version"] for manifest in MANIFESTS} == {version}
    assert {package["version"] for package in read(ROOT / "server.json")["packages"]} == {version}
    for manifest in (PLUGIN / ".codex-plugin" / "plugin.json", PLUGIN / ".plugin" / "plugin.json"):
        assert all((PLUGIN / read(manifest)[name]).exists() for name in ("skills", "hooks", "mcpServers"))


def test_the_marketplaces_name_the_plugin() -> None:
    claude = read(ROOT / ".claude-plugin" / "marketplace.json")
    codex = read(ROOT / ".agents" / "plugins" / "marketplace.json")
    assert (ROOT / claude["plugins"][0]["source"]).resolve() == PLUGIN
    assert (ROOT / codex["plugins"][0]["source"]["path"]).resolve() == PLUGIN
    assert claude["name"] == codex["name"] == "agent-kanban"


def test_both_folders_have_the_same_skill_and_it_names_commands_that_exist() -> None:
    skill = (PLUGIN / "skills" / "kanban" / "SKILL.md").read_text()
    assert (EXTENSION / "skills" / "kanban" / "SKILL.md").read_text() == skill
    commands = (ROOT / "tests" / "cli" / "surface.txt").read_text()
    assert all(re.search(rf"^kanban {name}\b", commands, re.MULTILINE) for name in re.findall(r"`kanban (\w+)", skill))


def test_the_entry_of_the_mcp_registry_starts_what_the_package_has() -> None:
    entry, project = read(ROOT / "server.json"), tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (package,) = entry["packages"]
    assert package["identifier"] == project["name"]
    assert package["identifier"] in project["scripts"], "uvx runs the command that has the name of the package"
    assert [argument["value"] for argument in package["packageArguments"]] == ["mcp"]
    assert f"<!-- mcp-name: {entry['name']} -->" in (ROOT / "README.md").read_text(), "the registry checks this"
    assert len(entry["description"]) <= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "commands"),
    [
        ("claude", [["plugin", "validate", "plugins/kanban", "--strict"], ["plugin", "validate", ".", "--strict"]]),
        ("gemini", [["extensions", "validate", "plugins/gemini/kanban"]]),
        ("codex", [["plugin", "marketplace", "add", "."], ["plugin", "add", "kanban@agent-kanban"]]),
        ("copilot", [["plugin", "marketplace", "add", "."], ["plugin", "install", "kanban@agent-kanban"]]),
    ],
)
def test_a_program_that_is_installed_accepts_its_folder(
    program: str, commands: list[list[str]], tmp_path: Path
) -> None:
    path = shutil.which(os.environ.get(f"KANBAN_TEST_{program.upper()}", program))
    if path is None:
        pytest.skip(f"{program} is not installed; KANBAN_TEST_{program.upper()} can name it")
    for command in commands:
        process = subprocess.run(
            [path, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        assert process.returncode == 0, process.stdout + process.stderr


if __name__ == "__main__":
    for name, path in HOOKS.items():
        path.write_text(hooks(name))
