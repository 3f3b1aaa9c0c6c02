"""Importing many tickets that wait for each other: the time that it takes, and for which others wait."""

from __future__ import annotations

import csv
import random
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk.wire.bodies.import_bodies import Import, ImportedTicket
from kanban_server.actions import boards
from kanban_server.actions.importer import board_import
from kanban_server.rules.actors import Actor
from kanban_server.rules.permissions import SYSTEM_VIEWER
from kanban_server.settings import Settings
from kanban_server.store.database import driver_for
from kanban_server.store.transaction import Transaction
from kanban_server.store.unit_of_work import UnitOfWork
from tests.support.cli import COMMAND
from tests.support.databases import Databases
from tests.support.servers import Server, clean_environment

TICKETS = 3000
SECONDS = 5
"""Of the processor, for the server: the whole import takes as long on a machine that does nothing else."""


def test_statements_do_not_grow_with_the_links_of_a_ticket(databases: Databases, pytestconfig: pytest.Config) -> None:
    driver = driver_for(Settings(database_url=databases.make("sqlite", pytestconfig)))
    connection: Any
    counts = []
    with closing(driver.writer()) as connection:
        assert isinstance(connection, sqlite3.Connection)
        selects: list[str] = []
        connection.set_trace_callback(lambda sql: selects.append(sql) if sql.startswith("SELECT") else None)

        def change(*tickets: ImportedTicket) -> int:
            connection.execute(driver.begin_writing)
            unit = UnitOfWork(connection, "sqlite")
            tx = Transaction(unit, SYSTEM_VIEWER)
            if tickets:
                board_import.import_tickets(tx, Actor("ada"), 1, Import([*tickets]))
            else:
                boards.create_first(tx)
            tx.finish()
            unit.flush(commit=True)
            return len(selects)

        before = change()
        for links in (1, 3, 50):
            created = [f"{links}-{n}" for n in range(100)]
            tickets = [
                ImportedTicket(name, name, blocked_by_sources=created[max(0, n - links) : n])
                for n, name in enumerate(created)
            ]
            after = change(*tickets)
            counts.append(after - before)
            before = after
    driver.release()
    assert max(counts) <= 8, f"statements that read, in a request of 100 tickets: {counts}"


def write_table(file: Path, order: str) -> None:
    """A row waits for three of the fifty before it."""
    chance = random.Random(1)
    rows = [
        (f"P-{n}", f"Title {n}", ", ".join(f"P-{m}" for m in chance.sample(range(max(0, n - 50), n), min(3, n))))
        for n in range(TICKETS)
    ]
    if order == "reversed":
        rows.reverse()
    elif order == "shuffled":
        chance.shuffle(rows)
    with file.open("w") as lines:
        csv.writer(lines).writerows([("id", "title", "blocked_by"), *rows])


def processor_seconds(server: Server) -> float:
    """What a server has used of the processor (proc_pid_stat(5), fields 14 and 15)."""
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@pytest.mark.slow
@pytest.mark.parametrize("order", ["in order", "reversed", "shuffled"])
def test_three_thousand_rows_with_three_blockers_each_take_five_seconds(
    own_server: Server, tmp_path: Path, order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table(tmp_path / "tickets.csv", order)
    waits: list[float] = []
    ended = threading.Event()
    with own_server.kanban("ada") as ada, own_server.kanban("bob") as bob:
        board = ada.boards.create("Many").id
        mine = bob.tickets.create("mine", board=board).id

        def write() -> None:
            while not ended.is_set():
                began = time.perf_counter()
                bob.tickets.move(mine, "Blocked" if len(waits) % 2 else "In Progress")
                waits.append(time.perf_counter() - began)

        writer = threading.Thread(target=write)
        settings = {"KANBAN_URL": own_server.url, "KANBAN_BOARD": str(board), "KANBAN_USER": "ada"}
        command = [*COMMAND, "import", "csv", str(tmp_path / "tickets.csv")]
        used, began = processor_seconds(own_server), time.perf_counter()
        writer.start()
        subprocess.run(command, env=clean_environment(**settings), check=True, capture_output=True, timeout=300)
        elapsed, used = time.perf_counter() - began, processor_seconds(own_server) - used
        ended.set()
        writer.join()
        links = sum(len(ticket.blocked_by) for ticket in ada.boards.snapshot(board).tickets)
    with capsys.disabled():
        waited = sorted(waits)
        print(
            f"\n{TICKETS:,} rows {order}: {elapsed:.1f} s, of them {used:.1f} s of the server's processor;"
            f" another writer waited {waited[len(waited) // 2] * 1000:.0f} ms (median of {len(waited)}),"
            f" {waited[-1] * 1000:.0f} ms at most"
        )
    assert links == 3 * TICKETS - 6
    assert used < SECONDS
