"""Where a token may go: to servers that the user named, and to those where the user has logged in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanban_sdk.project import DEFAULT_URL, logins_file, project_config, token_may_go


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    logins_file().parent.mkdir()
    return tmp_path


@pytest.mark.parametrize("url", ["http://board.example", "http://127.0.0.1:9000", "http://localhost:8000"])
def test_a_token_goes_where_the_user_said_so_and_nowhere_else(home: Path, url: str) -> None:
    assert not token_may_go(url)
    assert not token_may_go(url, None, "http://other.example")
    assert token_may_go(url, None, f"{url}/")
    assert token_may_go(DEFAULT_URL)
    logins_file().write_text(json.dumps({url: {"token": "kbn_x", "user": "ada"}}))
    assert token_may_go(f"{url}/")
    logins_file().write_text("broken")
    with pytest.raises(ValueError, match="Expecting value"):
        token_may_go(url)


def test_the_projects_file_is_found_upwards(home: Path) -> None:
    below = home / "a" / "b"
    below.mkdir(parents=True)
    (home / ".kanban.toml").write_text("")
    assert project_config(below) == home / ".kanban.toml"
