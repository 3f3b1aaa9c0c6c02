"""Users on the command line: the first admin, tokens, invites, and members of boards."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.test_errors import next_of
from tests.support.cli import Shell
from tests.support.people import Guarded
from tests.support.servers import Server


@pytest.fixture
def anonymous(guarded: Guarded, tmp_path: Path) -> Shell:
    """A shell without a token, and a server with users."""
    return Shell(tmp_path, {"KANBAN_URL": guarded.server.url})


@pytest.fixture
def root(anonymous: Shell, guarded: Guarded) -> Shell:
    """The admin's shell."""
    return anonymous.using(KANBAN_TOKEN=guarded.root)


def test_the_first_admin_is_made_on_the_servers_own_machine_while_it_runs(own_sqlite: Server, tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": own_sqlite.url, "KANBAN_BOARD": "1"})
    refused = shell("user", "create", "ada", "--admin")
    assert (refused.code, "another database" in refused.err) == (3, True)
    database = {"KANBAN_DATABASE_URL": own_sqlite.database}
    ((name, role, secret),) = shell.ok("user", "create", "ada", "--admin", **database).rows
    assert (name, role) == ("ada", "admin")
    assert next_of(shell("list")) == "kanban login --help"
    assert shell.ok("board", "member", "list", KANBAN_TOKEN=secret).rows[0] == ["ada", "admin", "-"]


def test_a_user_is_created_without_a_server_and_gets_a_token_if_all_are_lost(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"KANBAN_URL": "http://127.0.0.1:1", "KANBAN_DATABASE_URL": str(tmp_path / "new.db")})
    created = shell.ok("user", "create", "ada", "--admin", "--can", "gpu,db", "--json").json
    assert (created["user"]["role"], created["user"]["can"], created["secret"][:4]) == ("admin", ["db", "gpu"], "kbn_")
    ((name, what, secret),) = shell.ok("token", "create", "lost", "--for", "ada").rows
    assert (name, what, secret[:4]) == ("ada", "lost", "kbn_")


def test_login_reads_a_token_from_stdin_and_saves_it_readable_by_the_user_only(
    anonymous: Shell, guarded: Guarded
) -> None:
    refused = anonymous("login", stdin="kbn_nonsense\n")
    assert (refused.code, next_of(refused)) == (7, "kanban login --help")
    secret = guarded.person("lou")
    assert anonymous.ok("login", stdin=f"{secret}\n").rows == [["You are lou", "user", guarded.server.url]]
    (kept,) = (anonymous.folder / "home").rglob("logins.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == {guarded.server.url: {"token": secret, "user": "lou"}}
    (anonymous.folder / ".kanban.toml").write_text('user = "bob"\n')  # of the folder, and no claim against a token
    assert anonymous.ok("whoami").rows[:2] == [["user", "lou"], ["role", "user"]]
    refused = anonymous("whoami", "-u", "bob")
    assert (refused.code, refused.out) == (7, "")
    assert anonymous.ok("logout").out.startswith("Logged out")
    assert anonymous("whoami").code == 7


def test_a_prompt_does_not_show_the_token(anonymous: Shell, guarded: Guarded) -> None:
    secret = guarded.person("tess")
    with anonymous.screen("login") as screen:
        screen.until("Token: ")
        screen.type(secret + "\n")
        assert screen.code() == 0
        assert "You are tess" in screen.shown
        assert secret not in screen.shown


def test_users_are_created_changed_and_disabled(root: Shell) -> None:
    ((name, role, secret),) = root.ok("user", "create", "kim", "--team", "blue", "--display-name", "Kim K").rows
    assert (name, role, secret[:4]) == ("kim", "user", "kbn_")
    edited = ["kim", "viewer", "person", "-", "-", "-"]
    assert root.ok("user", "edit", "kim", "--role", "viewer", "--team", "").rows == [edited]
    assert edited in root.ok("user", "list").rows
    assert ["display name", "Kim K"] in root.ok("user", "show", "kim").rows
    assert root.ok("user", "disable", "kim").rows[0][5] == "disabled"
    assert root("board", "list", KANBAN_TOKEN=secret).code == 7
    root.ok("user", "edit", "kim", "--enable", "--name", "kimberly")
    assert root.ok("user", "edit", "kimberly", "--can", "GPU,db", "--json").json["can"] == ["db", "gpu"]
    assert ["can", "db,gpu"] in root.ok("user", "show", "kimberly").rows
    assert root.ok("user", "edit", "kimberly", "--can", "", "--json").json["can"] == []
    output = root("user", "create", "kim")  # a name stays its user's
    assert (output.code, output.out) == (5, "")


def test_tokens_are_shown_once_narrowed_and_revoked(root: Shell, guarded: Guarded) -> None:
    pat = root.using(KANBAN_TOKEN=guarded.person("pat"))
    board = guarded.board(pat.environment["KANBAN_TOKEN"])
    ((_, _, secret),) = pat.ok("token", "create", "ci", "--access", "read", "--only", board, "--days", "9").rows
    assert root("add", "x", "-b", board, KANBAN_TOKEN=secret).code == 7
    listed = pat.ok("token", "list")
    assert secret not in listed.out
    (row,) = (row for row in listed.rows if row[2:3] == ["ci"])
    assert (row[3], row[4], row[5] != "-") == (f"{secret[:8]}…", f"read {board}", True)
    pat.ok("token", "revoke", row[0])
    root.ok("user", "create", "pia", "--can", "gpu,db", "--no-token")
    root.ok("token", "create", "narrow", "--for", "pia", "--can", "db")
    assert root.ok("token", "list", "--for", "pia").rows[0][4] == "write can db"
    assert root("token", "create", "wide", "--for", "pia", "--can", "web").code == 2
    assert root("whoami", KANBAN_TOKEN=secret).code == 7


def test_an_agent_joins_by_a_link_that_is_valid_once(root: Shell, guarded: Guarded, tmp_path: Path) -> None:
    link = root.ok("invite", KANBAN_TOKEN=guarded.person("olga")).out.strip()
    agent = Shell(tmp_path, {})
    assert agent.ok("join", "-", "-u", "olga-bot", stdin=link).rows[0][0] == "You are olga-bot"
    assert ["agent of", "olga"] in agent.ok("whoami", "--url", guarded.server.url).rows
    again = agent("join", link, "-u", "second")
    assert (again.code, again.out) == (7, "")
    assert agent("join", "http://127.0.0.1:1/elsewhere").code == 2


def test_members_see_a_board_and_others_do_not(root: Shell, guarded: Guarded) -> None:
    owner = guarded.person("bea")
    bea = root.using(KANBAN_TOKEN=owner, KANBAN_BOARD=str(guarded.board(owner)))
    vic = bea.using(KANBAN_TOKEN=guarded.person("vic", team="green"))
    assert vic("list").code == 3
    by_team = ("board", "member", "add", "--team", "green", "--role", "viewer")
    assert bea(*by_team).code == 7  # who is of a team is for an admin of the server to say, and to use
    assert ["vic", "viewer", "green"] in root.ok(*by_team, KANBAN_BOARD=bea.environment["KANBAN_BOARD"]).rows
    assert vic("add", "x").code == 7
    assert ["vic", "user", "green"] in bea.ok("board", "member", "add", "vic").rows
    vic.ok("add", "x")
    bea.ok("board", "member", "remove", "vic")
    assert bea.ok("board", "member", "list").rows == [["bea", "admin", "-"]]


def test_a_leak_is_redacted_and_an_admin_sees_the_origin_of_events(root: Shell, guarded: Guarded) -> None:
    owner = guarded.person("ivy")
    board = guarded.board(owner)
    ticket = guarded.ticket(owner, board, description="the password is hunter2")
    ivy = root.using(KANBAN_TOKEN=owner)
    assert ivy.ok("redact", ticket, "-", stdin="hunter2\n").out.startswith("Removed from 1 texts")
    assert "hunter2" not in ivy.ok("show", ticket, "--full").out
    entry = root.ok("log", ticket, "--audit").rows[0]
    assert (entry[2], entry[3], entry[5], entry[6]) == ("ivy", "ticket_redacted", "cli", "127.0.0.1")
    assert ivy("log", ticket, "--audit").code == 7
    assert root.ok("notice", "soon", "--to", "ivy").out == "Sent to 0 connections.\n"


@pytest.mark.parametrize("url", ["http://board.example", "https://127.0.0.1:8001", "http://localhost:1"])
def test_a_token_of_the_environment_is_not_sent_to_a_server_that_only_a_project_file_names(
    anonymous: Shell, url: str
) -> None:
    config = anonymous.folder / ".kanban.toml"
    config.write_text(f'url = "{url}"\n')
    shell = Shell(anonymous.folder, {"KANBAN_TOKEN": "kbn_secret", "KANBAN_BOARD": "1"})
    for command in (("list",), ("watch",), ("whoami",), ("add", "x")):
        refused = shell(*command)
        assert (refused.code, next_of(refused)) == (2, "kanban login --help")
        assert str(config) in refused.err
        assert "kbn_secret" not in refused.err
    result = shell("doctor")
    assert (result.code, result.rows[0][:2], result.rows[0][3]) == (1, ["bad", "config"], "kanban login --help")


def test_a_token_is_sent_to_a_server_with_a_login_or_in_the_users_own_config(
    anonymous: Shell, guarded: Guarded, tmp_path: Path
) -> None:
    """This holds on this machine too: another program may listen at the port."""
    url, secret = guarded.server.url, guarded.person("gus")
    theirs = Shell(tmp_path / "theirs", {"KANBAN_TOKEN": secret})
    theirs.folder.mkdir()
    (theirs.folder / ".kanban.toml").write_text(f'url = "{url}"\n')
    refused = theirs("whoami")
    assert (refused.code, next_of(refused)) == (2, "kanban login --help")
    assert theirs.ok("whoami", "--url", url).rows[0] == ["user", "gus"]
    assert theirs.ok("whoami", KANBAN_URL=url).rows[0] == ["user", "gus"]
    theirs.ok("login", stdin=secret)  # in the folder, without saying again where
    assert theirs.ok("whoami").rows[0] == ["user", "gus"]
    theirs.ok("logout")
    assert theirs("whoami").code == 2
    (theirs.folder / "home" / "agent-kanban" / "config.toml").write_text(f'url = "{url}/"\n')
    assert theirs.ok("whoami").rows[0] == ["user", "gus"]

    own = Shell(tmp_path / "own", {"KANBAN_TOKEN": secret})
    own.folder.mkdir()
    own.ok("init", "--url", url)
    assert own.ok("whoami").rows[0] == ["user", "gus"]


def test_an_invalid_token_is_not_shown(anonymous: Shell) -> None:
    broken = Shell(anonymous.folder, {"KANBAN_TOKEN": "kbn_a\nb", "KANBAN_URL": "http://127.0.0.1:1"})("list")
    assert broken.code == 2
    assert "kbn_a" not in broken.err


def test_whoami_ends_with_7_for_an_unknown_user(anonymous: Shell, root: Shell) -> None:
    assert (anonymous("whoami", "--json").code, anonymous("whoami").code) == (7, 7)
    assert root.ok("whoami", "--json").json["user"]["name"] == "root"
