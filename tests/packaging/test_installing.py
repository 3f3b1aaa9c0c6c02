"""pip, pipx and uv each install a working `kanban` from the wheel and from the sdist."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.packaging.installing import PROGRAMS, ROOT, build, run, venv_with
from tests.support.servers import free_port


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    return {kind: build(ROOT, folder, kind) for kind in ("wheel", "sdist")}


def install(tool: str, package: Path, folder: Path) -> tuple[Path, Path]:
    """Install a package with a tool; return the folder of its programs, and the prefix with its other files."""
    if tool == "pip":
        return venv_with(package, folder / "pip"), folder / "pip"
    if tool == "pipx":
        home = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin")}
        run(PROGRAMS / "pipx", "install", package, cwd=folder, **home, PIPX_MAN_DIR=str(folder / "man"))
        assert (folder / "man" / "man1" / "kanban-move.1").exists()
        return folder / "bin", folder / "pipx" / "venvs" / "agent-kanban"
    home = {"UV_TOOL_DIR": str(folder / "uv"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    python = os.path.realpath(PROGRAMS / "python")
    run(PROGRAMS / "uv", "tool", "install", "--python", python, package, cwd=folder, **home)
    return folder / "bin", folder / "uv" / "agent-kanban"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("tool", ["pip", "pipx", "uv"])
def test_an_installed_kanban_starts_a_server_adds_a_ticket_and_watches(
    tool: str, kind: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    programs, prefix = install(tool, packages[kind], tmp_path)
    kanban = programs / "kanban"
    here = {"HOME": str(tmp_path), "KANBAN_USER": "ada", "KANBAN_URL": f"http://127.0.0.1:{free_port()}"}
    assert json.loads(run(kanban, "--version", "--json", cwd=tmp_path, **here))["version"] == "0.2.0"
    run(kanban, "up", "--database", tmp_path / "kanban.db", cwd=tmp_path, **here)
    try:
        if shutil.which("npm"):  # a wheel that is built without npm has no font
            styles = urlopen(f"{here['KANBAN_URL']}/web/styles/joined.css").read().decode()
            assert "@font-face" in styles
            assert urlopen(f"{here['KANBAN_URL']}/web/fonts/inter.woff2").headers["Content-Type"] == "font/woff2"
        run(kanban, "add", "From a package", cwd=tmp_path, **here)
        lines = run(kanban, "watch", "--after", "0", "--count", "2", cwd=tmp_path, **here).splitlines()
        assert [json.loads(line)["event"] for line in lines] == ["board_created", "ticket_created"]
    finally:
        run(kanban, "down", cwd=tmp_path, **here)
    for file in ("man/man1/kanban.1", "bash-completion/completions/kanban", "zsh/site-functions/_kanban"):
        assert (prefix / "share" / file).exists(), file
