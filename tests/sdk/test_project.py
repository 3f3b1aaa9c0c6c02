"""A project's settings, and the servers that a token may be sent to: those that the user named or logged in at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanban_sdk import AsyncKanban, ConfigurationError, Kanban
from kanban_sdk.project import DEFAULT_URL, find_project_config, logins_path, may_send_token


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    logins_path().parent.mkdir()
    return tmp_path


@pytest.mark.parametrize("url", ["http://board.example", "http://127.0.0.1:9000", "http://localhost:8000"])
def test_a_token_is_sent_only_to_servers_that_the_user_named(home: Path, url: str) -> None:
    assert not may_send_token(url)
    assert not may_send_token(url, None, "http://other.example")
    assert may_send_token(url, None, f"{url}/")
    assert may_send_token(DEFAULT_URL)
    logins_path().write_text(json.dumps({url: {"token": "kbn_x", "user": "ada"}}))
    assert may_send_token(f"{url}/")
    logins_path().write_text("broken")
    with pytest.raises(ValueError, match="Expecting value"):
        may_send_token(url)


def test_the_projects_file_is_searched_in_parent_folders(home: Path) -> None:
    below = home / "a" / "b"
    below.mkdir(parents=True)
    (home / ".kanban.toml").write_text("")
    assert find_project_config(below) == home / ".kanban.toml"


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder below the working directory's parents, and no settings in the environment."""
    folder = home / "project"
    (folder / "src").mkdir(parents=True)
    monkeypatch.chdir(folder / "src")
    for name in ("KANBAN_URL", "KANBAN_USER", "KANBAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return folder


def settings_of(client: Kanban | AsyncKanban) -> tuple[str, str | None, str | None]:
    """The URL, the user and the token of a client."""
    return client.url, client.user, client._headers.get("Authorization")


@pytest.mark.parametrize("client", [Kanban, AsyncKanban])
def test_a_client_from_the_environment_reads_the_projects_file_and_the_users_config(
    project: Path, monkeypatch: pytest.MonkeyPatch, client: type[Kanban | AsyncKanban]
) -> None:
    assert settings_of(client.from_env()) == (DEFAULT_URL, None, None)
    (logins_path().parent / "config.toml").write_text('url = "http://mine.example"\nuser = "ada"\n')
    assert settings_of(client.from_env()) == ("http://mine.example", "ada", None)
    (project / ".kanban.toml").write_text('url = "http://team.example/"\nboard = 3\n')
    assert settings_of(client.from_env()) == ("http://team.example", "ada", None)
    monkeypatch.setenv("KANBAN_URL", "http://named.example")
    monkeypatch.setenv("KANBAN_USER", "bob")
    assert settings_of(client.from_env()) == ("http://named.example", "bob", None)
    assert settings_of(client.from_env(url="http://other.example", user="eve")) == ("http://other.example", "eve", None)


def test_a_client_from_the_environment_uses_the_login_at_its_server(project: Path) -> None:
    logins_path().write_text(json.dumps({"http://team.example": {"token": "kbn_x", "user": "ada"}}))
    (project / ".kanban.toml").write_text('url = "http://team.example"\nuser = "somebody"\n')
    assert settings_of(Kanban.from_env()) == ("http://team.example", None, "Bearer kbn_x")


def test_a_token_is_not_sent_to_a_server_that_only_the_projects_file_names(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".kanban.toml").write_text('url = "http://theirs.example"\n')
    monkeypatch.setenv("KANBAN_TOKEN", "kbn_secret")
    with pytest.raises(ConfigurationError) as refused:
        Kanban.from_env()
    assert str(project / ".kanban.toml") in str(refused.value)
    assert "kanban login --url http://theirs.example" in str(refused.value)
    assert "kbn_secret" not in str(refused.value)
    with pytest.raises(ConfigurationError):
        Kanban.from_env({}, token="kbn_secret")
    for allowed in (
        Kanban.from_env({"KANBAN_URL": "http://theirs.example", "KANBAN_TOKEN": "kbn_secret"}),
        Kanban.from_env(url="http://theirs.example"),
    ):
        assert settings_of(allowed)[2] == "Bearer kbn_secret"


def test_a_file_of_settings_that_is_broken_is_named_in_one_line(project: Path) -> None:
    for broken in (project / ".kanban.toml", logins_path()):
        broken.write_text("{")
        with pytest.raises(ConfigurationError, match=str(broken)) as refused:
            Kanban.from_env({})
        assert "\n" not in str(refused.value)
        broken.unlink()
