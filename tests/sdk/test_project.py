"""Where a token may go: to servers that the user named, and to those where the user has logged in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanban_sdk.project import DEFAULT_URL, find_project_config, logins_path, may_send_token


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    logins_path().parent.mkdir()
    return tmp_path


@pytest.mark.parametrize("url", ["http://board.example", "http://127.0.0.1:9000", "http://localhost:8000"])
def test_a_token_goes_where_the_user_said_so_and_nowhere_else(home: Path, url: str) -> None:
    assert not may_send_token(url)
    assert not may_send_token(url, None, "http://other.example")
    assert may_send_token(url, None, f"{url}/")
    assert may_send_token(DEFAULT_URL)
    logins_path().write_text(json.dumps({url: {"token": "kbn_x", "user": "ada"}}))
    assert may_send_token(f"{url}/")
    logins_path().write_text("broken")
    with pytest.raises(ValueError, match="Expecting value"):
        may_send_token(url)


def test_the_projects_file_is_found_upwards(home: Path) -> None:
    below = home / "a" / "b"
    below.mkdir(parents=True)
    (home / ".kanban.toml").write_text("")
    assert find_project_config(below) == home / ".kanban.toml"
