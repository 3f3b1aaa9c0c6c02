"""pip, pipx and uv each install a working `kanban` from the wheel and from the sdist, for a user with an empty HOME."""

from __future__ import annotations

import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import kanban_server
from tests.packaging.installing import PROGRAMS, ROOT, build, run
from tests.support.servers import free_port


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    return {kind: build(ROOT, folder, kind) for kind in ("wheel", "sdist")}


SYSTEM_PYTHON = shutil.which("python3.11", path="/usr/bin:/bin") or sys.executable
"""The Python of the machine, as somebody has it who meets the project; else that of the tests."""


class Clock:
    """Prints how long each step took."""

    def __init__(self, what: str) -> None:
        self.what, self.steps = what, dict[str, float]()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step."""
        start = time.monotonic()
        yield
        self.steps[name] = time.monotonic() - start

    def report(self) -> None:
        """Print all steps, and their sum."""
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.steps.items())
        print(f"\n{self.what}: {steps}; together {sum(self.steps.values()):.1f} s")


def install(tool: str, package: Path, folder: Path) -> tuple[Path, Path]:
    """Install a package with a tool and the machine's Python; return the folder of its programs, and the prefix."""
    empty = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home" / ".cache")}
    if tool == "pip":
        run(SYSTEM_PYTHON, "-m", "venv", folder / "pip", cwd=folder, **empty)
        run(folder / "pip" / "bin" / "python", "-m", "pip", "install", "--quiet", package, cwd=folder, **empty)
        return folder / "pip" / "bin", folder / "pip"
    if tool == "pipx":
        home = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin"), **empty}
        command = (PROGRAMS / "pipx", "install", "--python", SYSTEM_PYTHON, package)
        run(*command, cwd=folder, **home, PIPX_MAN_DIR=str(folder / "man"))
        assert (folder / "man" / "man1" / "kanban-move.1").exists()
        return folder / "bin", folder / "pipx" / "venvs" / "agent-kanban"
    home = {"UV_TOOL_DIR": str(folder / "uv"), "UV_TOOL_BIN_DIR": str(folder / "bin"), **empty}
    run(PROGRAMS / "uv", "tool", "install", "--python", SYSTEM_PYTHON, package, cwd=folder, **home)
    return folder / "bin", folder / "uv" / "agent-kanban"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("tool", ["pip", "pipx", "uv"])
def test_an_installed_kanban_starts_a_server_adds_a_ticket_and_watches(
    tool: str, kind: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    clock = Clock(f"{tool}, {kind}, {SYSTEM_PYTHON}")
    with clock.step("install"):
        programs, prefix = install(tool, packages[kind], tmp_path)
    here = {"HOME": str(tmp_path / "home"), "KANBAN_USER": "ada", "KANBAN_URL": f"http://127.0.0.1:{free_port()}"}

    def kanban(*words: str) -> str:
        return run(programs / "kanban", *words, cwd=tmp_path / "work", **here)

    with clock.step("up"):
        kanban("up")
    try:
        with clock.step("add"):
            kanban("add", "From a package")
        with clock.step("watch"):
            lines = kanban("watch", "--after", "0", "--count", "2").splitlines()
        assert [json.loads(line)["event"] for line in lines] == ["board_created", "ticket_created"]
        assert json.loads(kanban("--version", "--json"))["version"] == kanban_server.__version__
        with urllib.request.urlopen(f"{here['KANBAN_URL']}/llms.txt", timeout=30) as listed:
            assert b"](/help/agents.md)" in listed.read()
        if shutil.which("npm"):  # a wheel that is built without npm has no font
            with urllib.request.urlopen(f"{here['KANBAN_URL']}/web/fonts/inter.woff2", timeout=30) as font:
                assert font.headers["Content-Type"] == "font/woff2"
    finally:
        kanban("down")
    for file in ("man/man1/kanban.1", "bash-completion/completions/kanban", "zsh/site-functions/_kanban"):
        assert (prefix / "share" / file).exists(), file
    clock.report()
