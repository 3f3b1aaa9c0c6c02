"""A database of any age is brought to the newest revision; where that fails, it stays as it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

import kanban_server.store.migrations as migrations
from kanban_sdk.stream.fold import FoldedBoard
from kanban_sdk.wire.boards import Snapshot
from kanban_sdk.wire.events import read_event
from kanban_server.actions import queries as readings
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.settings import Settings
from kanban_server.store import event_log
from kanban_server.store.database import driver_for
from kanban_server.store.indexes import metadata
from kanban_server.store.maintenance.migrate import MigrationFailed, migrate
from kanban_server.store.migrations import HEAD
from kanban_server.store.queries.ticket_pages import TicketFilter
from kanban_server.store.transaction import ReadTransaction
from tests.store import dumps
from tests.support.servers import clean_environment, migrated, running

FOLDER = Path(migrations.__file__).parent


def differences(connection: Connection) -> list[Any]:
    """How the tables differ from those that the code uses."""
    context = MigrationContext.configure(
        connection,
        opts={"include_name": lambda name, kind, _: kind != "table" or "search" not in name, "compare_type": False},
    )
    return list(compare_metadata(context, metadata))


def test_the_newest_revision_is_the_one_that_the_code_asks_for() -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD


def test_the_migrations_make_the_tables_that_the_code_uses(database: str) -> None:
    driver = driver_for(Settings(database_url=database))
    engine = create_engine(driver.engine_url, connect_args=driver.engine_arguments)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()
    driver.release()


def test_an_old_file_is_copied_and_upgraded_and_its_tickets_are_found(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0001", path)
    with running(str(path)) as server, server.kanban("ada") as kanban:
        assert [board.name for board in kanban.boards.all()] == ["Old board"]
        assert [ticket.title for ticket in kanban.tickets.page(1, search="vieux").items] == ["Le vieux ticket"]
        assert [ticket.title for ticket in kanban.tickets.page(1, search="commented").items] == ["Second"]
        kanban.tickets.move(1, "Done")
        assert kanban.boards.events(1, after=0).events[-1].seq == 5
    copy = tmp_path / f"old.db.before-{HEAD}-from-0001"
    with sqlite3.connect(copy) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert before.execute("SELECT count(*) FROM tickets").fetchone() == (2,)


@pytest.mark.parametrize("revision", dumps.revisions())
def test_a_database_of_every_earlier_revision_is_upgraded_with_all_that_it_holds(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "old.db"
    dumps.load(revision, path)
    driver = driver_for(Settings(database_url=str(path)))
    assert migrate(driver) == revision
    engine = create_engine(driver.engine_url, connect_args=driver.engine_arguments)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()
    reading = ReadTransaction(driver.reader(), "sqlite", SYSTEM_VIEWER)
    titles = set()
    for board in readings.list_boards(reading):
        _, snapshot = readings.read_snapshot(reading, board.id, bodies=True)
        folded = FoldedBoard()
        for event in event_log.read_after(reading, board.id, 0, 1000):
            folded.step(read_event(json.loads(event.json)))
        now = FoldedBoard.from_snapshot(Snapshot.read(json.loads(snapshot)))
        titles |= {row["title"] for row in now.tickets.values()}
        assert {id: {**now.tickets[id], **fields} for id, fields in folded.tickets.items()} == now.tickets
    assert titles >= {"Le vieux ticket", "Second"}
    reading.connection.close()
    driver.release()


def test_words_that_search_did_not_know_before_an_upgrade_are_found_after_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0012", path)
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("UPDATE tickets SET description = '修复登录页面, C++' WHERE id = 3")
        old.execute("UPDATE ticket_search SET words = 'third 修复登录页面 c' WHERE rowid = 3")
    driver = driver_for(Settings(database_url=str(path)))
    migrate(driver)
    reading = ReadTransaction(driver.reader(), "sqlite", SYSTEM_VIEWER)
    for search in ("登录", "c++", "third"):
        page = readings.page_tickets(reading, 2, TicketFilter(search=search), 1, 10)
        assert [ticket.id for ticket in page.items] == [3]
    reading.connection.close()
    driver.release()


def test_the_search_index_is_made_anew_from_texts_and_comments(database: str) -> None:
    with running(database) as server, server.kanban("ada") as kanban:
        board = kanban.boards.create("Old")
        ticket = kanban.tickets.create("修复登录页面", board=board.id)
        kanban.comments.add(ticket.id, "C++")
        deleted = kanban.tickets.create("登录", board=board.id)
        kanban.tickets.delete(deleted.id)
    driver = driver_for(Settings(database_url=database))
    engine = create_engine(driver.engine_url, connect_args=driver.engine_arguments)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
        connection.execute(text("DELETE FROM ticket_search"))
    engine.dispose()
    assert migrate(driver) == "0012"
    driver.release()
    with running(database) as server, server.kanban("ada") as kanban:
        for search in ("登录", "登录 c++"):
            assert [found.id for found in kanban.tickets.page(board.id, search=search).items] == [ticket.id]


def test_a_question_that_nobody_answered_before_an_upgrade_is_open_after_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0010", path)
    migrated(str(path))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT id, open_question FROM tickets ORDER BY id LIMIT 2").fetchall() == [
            (1, None),
            (2, 1),
        ]


def test_a_key_that_was_used_before_an_upgrade_is_known_after_it(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0004", path)  # the last one without users
    with sqlite3.connect(path) as old:
        old.execute("INSERT INTO answers VALUES ('ada', 'key', x'00', 201, NULL, x'7b7d', '2100-01-01T00:00:00Z')")
    headers = {"X-Kanban-User": "ada", "Idempotency-Key": "key"}
    with running(str(path)) as server:
        refused = httpx.post(f"{server.url}/api/boards", json={"name": "Again"}, headers=headers)
    assert refused.json()["type"].endswith("idempotency-mismatch")


def test_claims_and_keys_of_users_are_theirs_by_id_after_an_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0008", path)
    with sqlite3.connect(path) as old:
        old.execute("UPDATE users SET kind = 'agent', owner_id = 1 WHERE name = 'bob'")
        old.execute("UPDATE tickets SET claim_holder = 'bob', claim_number = 1 WHERE id = 1")
        old.execute("UPDATE tickets SET claim_holder = 'eve', claim_number = 1 WHERE id = 2")
        old.execute("INSERT INTO attempts (ticket_id, number, holder, claimed_at) VALUES (1, 7, 'bob', '2026')")
        old.executemany(
            "INSERT INTO answers VALUES (?, 'key', x'00', 201, NULL, x'7b7d', '2100-01-01T00:00:00Z')",
            [("bob",), ("eve",)],
        )
    driver = driver_for(Settings(database_url=str(path)))
    migrate(driver)
    driver.release()
    with sqlite3.connect(path) as new:
        claims = new.execute("SELECT claim_user_id, claim_seat FROM tickets WHERE id IN (1, 2) ORDER BY id")
        assert claims.fetchall() == [(2, 1), (None, None)]
        assert new.execute("SELECT seat FROM attempts WHERE number = 7").fetchall() == [(1,)]
        assert new.execute("SELECT actor FROM answers ORDER BY actor").fetchall() == [(" 2",), ("eve",)]


@pytest.mark.parametrize(("revision", "in_the_way"), [("0001", "ticket_search"), ("0005", "webhooks")])
def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, revision: str, in_the_way: str) -> None:
    path = tmp_path / "old.db"
    dumps.load(revision, path)
    with sqlite3.connect(path) as old:
        old.execute(f"CREATE TABLE {in_the_way} (x TEXT)")
        before = list(old.iterdump())
    driver = driver_for(Settings(database_url=str(path)))
    with pytest.raises(MigrationFailed, match=in_the_way):
        migrate(driver)
    driver.release()
    with sqlite3.connect(path) as after:
        assert list(after.iterdump()) == before


def test_a_database_that_is_newer_than_the_program_is_left_alone(tmp_path: Path, database: str) -> None:
    if database.startswith("postgresql"):
        pytest.skip("the same code, seen on SQLite")
    path = tmp_path / "new.db"
    shutil.copy(database, path)
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    start = [sys.executable, "-m", "kanban_server", "--port", "0", "--database", str(path)]
    refused = subprocess.run(start, env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1
    assert "9999" in refused.stderr
    assert "newer" in refused.stderr


def schema(connection: Connection) -> dict[str, Any]:
    """Everything that a database says of its tables, in an order that does not depend on how they were made."""
    inspector = inspect(connection)
    described: dict[str, Any] = {}
    for table in inspector.get_table_names():
        columns = [{name: str(value) for name, value in column.items()} for column in inspector.get_columns(table)]
        described[table] = {
            "columns": sorted(columns, key=lambda column: column["name"]),
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(inspector.get_foreign_keys(table), key=str),
            "unique": sorted(inspector.get_unique_constraints(table), key=str),
        }
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        described["written indexes"] = dict(map(tuple, connection.execute(text(query))))
        is_strict = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main'"
        searched = "SELECT sql FROM sqlite_master WHERE name = 'ticket_search'"
        described["search index"] = connection.execute(text(searched)).scalar()
        described["without rowid"] = dict(map(tuple, connection.execute(text(is_strict))))
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        described["written indexes"] = dict(map(tuple, connection.execute(text(query))))
        collations = (
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        described["collations"] = list(map(tuple, connection.execute(text(collations))))
    return described


def test_a_new_database_has_the_schema_that_the_migrations_make(database: str) -> None:
    driver = driver_for(Settings(database_url=database))
    engine = create_engine(driver.engine_url, connect_args=driver.engine_arguments)
    with engine.begin() as connection:
        created = schema(connection)
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        assert schema(connection) == created
        assert connection.execute(text("SELECT id, version FROM roster")).all() == [(1, 0)]
    engine.dispose()
    assert migrate(driver) == HEAD
    driver.release()


def test_a_command_migrates_a_database_without_a_server(database: str) -> None:
    for _ in range(2):
        command = [sys.executable, "-m", "kanban_server", "migrate", "--database", database, "--json"]
        process = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
        assert (process.returncode, json.loads(process.stdout)) == (0, {"revision": HEAD}), process.stderr
    engine = create_engine(driver_for(Settings(database_url=database)).engine_url)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == HEAD
    engine.dispose()
