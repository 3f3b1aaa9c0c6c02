"""A command that opens a database uses the one of the server at the URL, or refuses."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import COMMAND, Result, Shell
from tests.support.databases import Databases
from tests.support.servers import Server, free_port, postgres_database, running
from tests.support.waiting import until

OPENING = [
    ("user", "create", "eve", "--admin"),
    ("token", "create", "lost", "--for", "eve"),
    ("backup", "copy"),
    ("restore", "copy"),
    ("trim", "-b", "1", "--keep", "0s"),
    ("transfer", "postgresql://127.0.0.1:1/nothing"),
]


@pytest.fixture
def shell(own_sqlite: Server, tmp_path: Path) -> Shell:
    """A shell with a server whose database is not the default one."""
    home = tmp_path / "data"
    home.mkdir()
    return Shell(tmp_path, {"KANBAN_URL": own_sqlite.url, "KANBAN_HOME": str(home)})


def refused(result: Result, code: int, words: str) -> str | None:
    """Check that a command was refused with this code and text; return its fix."""
    assert (result.code, result.out, words in result.err, "Traceback" in result.err) == (code, "", True, False), result
    return step(result.err)


def step(stderr: str) -> str | None:
    """The fix on stderr."""
    _, _, named = stderr.partition("\n  next: ")
    return named.strip() or None


def same_as_before(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.mark.parametrize(
    "command",
    [OPENING[0], *(pytest.param(command, marks=pytest.mark.slow) for command in OPENING[1:])],
    ids=[" ".join(command[:2]) for command in OPENING],
)
def test_a_command_refuses_a_database_that_the_server_at_the_url_does_not_use(
    shell: Shell, own_sqlite: Server, databases: Databases, pytestconfig: pytest.Config, command: tuple[str, ...]
) -> None:
    default = shell.folder / "data" / "kanban.db"
    shutil.copy(databases.make("sqlite", pytestconfig), default)
    (shell.folder / "copy").write_text("")
    before = same_as_before(shell.folder)
    assert "--database" in str(refused(shell(*command), 3, f"another database than {default}"))
    default.unlink()
    refused(shell(*command), 3, f"another database than {default}")
    assert same_as_before(shell.folder) == {name: was for name, was in before.items() if name != str(default)}


def test_a_command_uses_no_other_server_with_the_default_database(
    shell: Shell, databases: Databases, pytestconfig: pytest.Config
) -> None:
    default = shell.folder / "data" / "kanban.db"
    shutil.copy(databases.make("sqlite", pytestconfig), default)
    with running(str(default)) as other:
        refused(shell("user", "create", "eve", "--admin"), 3, "another database")
        shell.using(KANBAN_URL=other.url).ok("user", "create", "ada", "--admin")


@pytest.mark.slow
def test_a_file_is_recognized_under_another_name(shell: Shell, own_sqlite: Server) -> None:
    link = shell.folder / "link.db"
    link.symlink_to(own_sqlite.database)
    there = shell.using(KANBAN_DATABASE_URL=str(link))
    there.ok("backup", "copy")
    shell.ok("restore", "copy", "--database", "restored.db")
    assert there.ok("user", "create", "ada", "--admin").rows[0][:2] == ["ada", "admin"]
    assert shell("list", "-b", 1).code == 7, "the server knows its admin"


@pytest.mark.postgres
@pytest.mark.slow
def test_the_servers_own_postgresql_is_recognized_and_another_is_refused(
    shell: Shell, databases: Databases, pytestconfig: pytest.Config
) -> None:
    theirs, another = databases.make("postgresql", pytestconfig), databases.make("postgresql", pytestconfig)
    with running(theirs) as server:
        there = shell.using(KANBAN_URL=server.url, KANBAN_DATABASE_URL=another)
        refused(there("user", "create", "eve", "--admin"), 3, "another database")
        assert there.ok("user", "create", "ada", "--admin", KANBAN_DATABASE_URL=theirs).rows[0][0] == "ada"
        until(lambda: there("list", "-b", 1).code == 7, what="the server to see that it has users")


@pytest.mark.postgres
@pytest.mark.slow
def test_a_start_that_takes_long_shows_what_it_waits_for(
    nowhere: Shell, databases: Databases, pytestconfig: pytest.Config
) -> None:
    import psycopg

    from kanban_server.store.maintenance.migrate import MIGRATION_LOCK

    databases.make("postgresql", pytestconfig)  # skips where there is none
    with postgres_database() as url, psycopg.connect(url, autocommit=True) as another_server:
        another_server.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        with nowhere.screen("up", "--database", url) as screen:
            screen.until("kanban: The server at ")
            another_server.execute("SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
            screen.until("Kanban is at ")
        nowhere.ok("down")


@pytest.mark.slow
def test_the_doctor_checks_no_file_of_another_server(shell: Shell, own_sqlite: Server) -> None:
    findings = {one["name"]: one for one in shell("doctor", "--json").json["findings"]}
    assert (findings["database"]["level"], "lock" in findings) == ("warning", False)
    findings = {
        one["name"]: one for one in shell("doctor", "--json", KANBAN_DATABASE_URL=own_sqlite.database).json["findings"]
    }
    assert (findings["database"]["level"], findings["lock"]["message"][:9]) == ("ok", "A server ")


def test_a_local_database_is_not_mistaken_for_that_of_a_remote_server(shell: Shell) -> None:
    away = shell.using(KANBAN_URL="http://127.0.0.2:1", KANBAN_DATABASE_URL="")
    assert (
        refused(away("backup", "copy"), 2, "is at http://127.0.0.2:1. Name one with --database")
        == "kanban backup --help"
    )


@pytest.fixture
def nowhere(shell: Shell) -> Iterator[Shell]:
    """A shell whose server is not running yet."""
    other = shell.using(KANBAN_URL=f"http://127.0.0.1:{free_port()}")
    yield other
    other("down")


@pytest.mark.slow
def test_up_is_refused_if_the_server_uses_another_database(nowhere: Shell) -> None:
    nowhere.ok("up", "--database", "one.db")
    for _ in range(2):
        nowhere.ok("up", "--database", "one.db")
    port = int(nowhere.environment["KANBAN_URL"].rpartition(":")[2])
    expected = f"kanban up --url http://127.0.0.1:{port + 1} --database other.db"
    assert refused(nowhere("up", "--database", "other.db"), 5, "another database") == expected
    refused(nowhere("up", KANBAN_DATABASE_URL="other.db"), 5, "another database")
    assert not (nowhere.folder / "other.db").exists()
    nowhere.ok("up")


@pytest.mark.slow
def test_a_missing_folder_is_created_only_after_consent(nowhere: Shell) -> None:
    missing = nowhere.folder / "mistyped" / "kanban.db"
    expected = f"mkdir -p {missing.parent}"
    assert refused(nowhere("up", "--database", missing), 1, f"There is no folder {missing.parent}") == expected
    assert refused(nowhere("serve", "--port", 0, "--database", missing), 1, "There is no folder") == expected
    assert (
        refused(nowhere("user", "create", "ada", "--admin", "--database", missing), 3, "There is no folder") == expected
    )
    with nowhere.screen("serve", "--port", 0, "--database", missing) as screen:
        screen.until("Make it? [y/N] ")
        screen.type("\n")
        assert screen.code() == 1
    assert not missing.parent.exists()
    with nowhere.screen("serve", "--port", 0, "--database", missing) as screen:
        screen.until("Make it? [y/N] ")
        screen.type("y\n")
        screen.until("Kanban is at ")
        screen.interrupt()
        assert screen.code() == 0
    assert missing.is_file()


@pytest.mark.slow
def test_a_used_port_and_an_invalid_port_are_refused_with_a_fix(nowhere: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        again = refused(nowhere("serve", "--port", port), 1, f"Port {port} of 127.0.0.1 is taken")
        assert again == f"kanban serve --port {port + 1}"
        again = refused(nowhere("up", "--url", f"http://127.0.0.1:{port}"), 1, f"Port {port} is taken")
        assert again == f"kanban up --url http://127.0.0.1:{port + 1}"
    assert not (nowhere.folder / "data" / "kanban.db").exists(), "the port is asked for before the database is opened"
    refused(nowhere("serve", "--port", 99_999), 2, "99999")
    refused(nowhere("serve", KANBAN_PORT="99999"), 1, "There is no port 99999")
    refused(nowhere("up", "--url", "http://127.0.0.1:99999"), 2, "99999")


@pytest.mark.slow
def test_a_plain_install_names_the_extra_that_postgresql_needs(nowhere: Shell) -> None:
    plain = nowhere.folder / "plain"
    plain.mkdir()
    (plain / "psycopg.py").write_text("raise ModuleNotFoundError(\"No module named 'psycopg'\", name='psycopg')\n")
    url, extra = "postgresql://kanban@127.0.0.1:1/kanban", "pip install 'agent-kanban[postgres]'"
    environment = nowhere.settings({"PYTHONPATH": f"{plain}:{nowhere.settings()['PYTHONPATH']}"})
    for command in (
        ["serve", "--port", "0"],
        ["up"],
        ["user", "create", "ada"],
        ["backup", "copy"],
        ["restore", "copy"],
    ):
        (nowhere.folder / "copy").touch()
        done = subprocess.run(
            [*COMMAND, *command, "--database", url], env=environment, cwd=nowhere.folder, capture_output=True, text=True
        )
        assert done.returncode in {1, 2}, (command, done)
        assert step(done.stderr) == extra, command
        assert "Traceback" not in done.stderr
    result = subprocess.run(
        [sys.executable, "-m", "kanban_server", "doctor", "--database", url],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert json.loads(result.stdout)["fix"] == extra
