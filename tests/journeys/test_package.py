"""The wheel works in an otherwise empty environment."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.servers import clean_environment

ROOT = Path(__file__).parents[2]
PATIENCE = 300


def run(*command: str, cwd: Path, **environment: str) -> str:
    process = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert process.returncode == 0, process.stdout[-2000:] + process.stderr[-2000:]
    return process.stdout


@pytest.mark.slow
def test_the_wheel_serves_adds_and_watches_in_an_empty_environment(tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), ".", cwd=ROOT)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {
        "kanban_cli", "kanban_sdk", "kanban_server",
    }  # fmt: skip
    assert {"kanban_sdk/py.typed", "kanban_server/web/index.html"} <= set(names)

    run(sys.executable, "-m", "venv", "empty", cwd=tmp_path)
    programs = tmp_path / "empty" / "bin"
    run(str(programs / "python"), "-m", "pip", "install", "--quiet", str(wheel), cwd=tmp_path)
    kanban = str(programs / "kanban")
    settings = {"KANBAN_DATABASE_URL": str(tmp_path / "kanban.db"), "KANBAN_USER": "ada", "HOME": str(tmp_path)}
    server = subprocess.Popen(
        [kanban, "serve", "--port", "0"],
        cwd=tmp_path,
        env=clean_environment(**settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        here = {**settings, "KANBAN_URL": url}
        assert "From the wheel" in run(kanban, "add", "From the wheel", cwd=tmp_path, **here)
        output = run(kanban, "watch", "--after", "0", "--count", "2", cwd=tmp_path, **here)
        assert [json.loads(line)["event"] for line in output.splitlines()] == ["board_created", "ticket_created"]
        page = run(str(programs / "python"), "-c", f"import httpx; print(httpx.get('{url}/').text)", cwd=tmp_path)
        assert "<title>" in page
        mcp = f"import httpx; print(httpx.post('{url}/mcp', json={{}}).json()['type'])"
        assert run(str(programs / "python"), "-c", mcp, cwd=tmp_path).strip() == "mcp-not-installed"
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("extra", "module"), [("postgres", "psycopg"), ("redis", "redis"), ("mcp", "mcp")])
def test_an_extra_installs_its_module(extra: str, module: str, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "empty", cwd=tmp_path)
    python = str(tmp_path / "empty" / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", f"{ROOT}[{extra}]", cwd=tmp_path)
    run(python, "-c", f"import kanban_server, {module}", cwd=tmp_path)
