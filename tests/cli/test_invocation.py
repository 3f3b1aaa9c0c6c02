"""Commands called in this process, each with an invocation of its own: a run leaves nothing behind for the next."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from kanban_cli.command_line import CommandLine
from kanban_cli.commands import boards, claims, identity, tickets, views
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_ALLOWED, NOT_FOUND, USAGE
from kanban_cli.invocation import Invocation, Options
from kanban_sdk import Board
from tests.support.people import Guarded
from tests.support.servers import Server


@pytest.fixture(autouse=True)
def user_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep logins in the test's own folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def ada(sqlite: Server, own: Board, tmp_path: Path) -> Invocation:
    """Ada, at a board of her own on a server without users."""
    return Invocation(Options(board=str(own.id)), {"KANBAN_URL": sqlite.url, "KANBAN_USER": "ada"}, folder=tmp_path)


def test_two_users_act_in_turn(ada: Invocation, capsys: pytest.CaptureFixture[str]) -> None:
    bob = ada.with_options(Options(user="bob", json=True))
    tickets.add(ada, "From ada")
    claims.next_ticket(bob)
    tickets.add(ada, "Another")
    claims.next_ticket(ada)
    created, bobs, another, *adas = capsys.readouterr().out.splitlines()
    assert created.endswith("From ada")
    assert json.loads(bobs)["ticket"]["claim"]["holder"] == "bob"
    assert another.endswith("Another")
    assert f"id\t{another.split()[0]}" in adas


def test_two_servers_are_used_in_turn(
    ada: Invocation, guarded: Guarded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = guarded.person("una")
    environment = {"KANBAN_URL": guarded.server.url, "KANBAN_TOKEN": token}
    una = Invocation(Options(board=str(guarded.board(token))), environment, folder=tmp_path)
    for invocation, title in ((ada, "Open"), (una, "Guarded"), (ada, "Open again")):
        tickets.add(invocation, title)
    capsys.readouterr()
    views.list_tickets(ada)
    views.list_tickets(una)
    assert [line.split("\t")[-1] for line in capsys.readouterr().out.splitlines()] == [
        *("Open", "Open again"),
        "Guarded",
    ]
    identity.whoami(una)
    assert "user\tuna" in capsys.readouterr().out
    with pytest.raises(CommandError) as refused:
        identity.whoami(una.with_token(None))
    assert refused.value.code == NOT_ALLOWED


def test_a_login_changes_neither_the_environment_nor_the_invocation(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(os.environ)
    nobody = Invocation(environment={"KANBAN_URL": guarded.server.url, "KANBAN_TOKEN": "kbn_other"}, folder=tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(guarded.person("vera")))
    identity.login(nobody)
    assert (dict(os.environ), nobody.token) == (before, "kbn_other")
    assert nobody.with_token(None).current_user == "vera"


def test_a_setting_is_taken_from_option_environment_project_and_user_config_in_this_order(tmp_path: Path) -> None:
    (tmp_path / "agent-kanban").mkdir()
    (tmp_path / "agent-kanban" / "config.toml").write_text('board = "user config"\nuser = "user config"\n')
    everywhere = Invocation(Options(board="option"), {"KANBAN_BOARD": "environment"}, folder=tmp_path)
    assert everywhere.setting("board") == "option"
    assert Invocation(environment={"KANBAN_BOARD": "environment"}, folder=tmp_path).setting("board") == "environment"
    (tmp_path / ".kanban.toml").write_text('board = "project"\n')
    in_project = Invocation(folder=tmp_path)
    assert [in_project.setting("board"), in_project.setting("user")] == ["project", "user config"]


def test_a_hint_repeats_the_command_of_the_invocation(ada: Invocation, sqlite: Server) -> None:
    without_board = Invocation(environment=ada.environment, command_line=CommandLine(["list"]), folder=ada.folder)
    with pytest.raises(CommandError) as refused:
        views.list_tickets(without_board)
    assert (refused.value.code, refused.value.fix) == (USAGE, "kanban list -b 1")
    with pytest.raises(CommandError) as unknown:
        boards.show(ada, "no such board")
    assert (unknown.value.code, unknown.value.fix) == (NOT_FOUND, "kanban board list")
