"""`kanban doctor` finds files without their content and contents without a file; `--repair` removes only the latter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kanban_sdk import Kanban
from kanban_server.store.queries.files import CHUNK_BYTES
from tests.faults.test_repair import damage
from tests.support.databases import Databases
from tests.support.pictures import picture
from tests.support.servers import Server, clean_environment, running

NAMES = ("whole.bin", "lost.bin", "cut.bin", "changed.bin", "shot.png")
STRAY = "f" * 64


@dataclass
class Store:
    """A server with files, and where their contents are."""

    server: Server
    folder: Path | None

    def doctor(self, *flags: str, folder: bool = True) -> list[tuple[str, str]]:
        """Return level and message of the doctor's findings about files, and of repairs."""
        settings = {"KANBAN_FILES_FOLDER": str(self.folder)} if self.folder and folder else {}
        command = [sys.executable, "-m", "kanban_server", "doctor", "--database", self.server.database, *flags]
        environment = clean_environment(**settings)
        process = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        lines = [json.loads(line) for line in process.stdout.splitlines()]
        return [(one["level"], one["message"]) for one in lines if one["name"] in {"files", "repair"}]

    def damage_contents(self, ids: dict[str, int]) -> None:
        """Lose, cut and change contents behind the server's back; keys are names of files."""
        if self.folder is None:
            damage(
                self.server.database,
                f"DELETE FROM blob_chunks WHERE blob_id = {ids['lost.bin']}",
                f"DELETE FROM blob_chunks WHERE blob_id = {ids['cut.bin']} AND number = 1",
                f"UPDATE blob_chunks SET data = (SELECT data FROM blob_chunks WHERE blob_id = {ids['whole.bin']}"
                f" AND number = 0) WHERE blob_id = {ids['changed.bin']} AND number = 0",
            )
            return
        paths = {int(path.name.rpartition("-")[2]): path for path in self.folder.glob("*/*/*-*")}
        paths[ids["lost.bin"]].unlink()
        os.truncate(paths[ids["cut.bin"]], CHUNK_BYTES)
        content = paths[ids["changed.bin"]].read_bytes()
        paths[ids["changed.bin"]].write_bytes(bytes([content[0] ^ 1]) + content[1:])

    def add_orphans(self, ids: dict[str, int]) -> int:
        """Leave contents that no file has; return how many."""
        damage(self.server.database, f"DELETE FROM files WHERE blob_id = {ids['whole.bin']}")
        if self.folder is None:
            return 1
        stray = self.folder / "1" / "ff" / f"{STRAY}-999999"
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"of a later time")
        (self.folder / "1" / "ff" / "README").write_text("not a content")
        return 2


@pytest.fixture(
    params=[
        "database",
        pytest.param("folder", marks=pytest.mark.slow),
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow]),
    ]
)
def store(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """A server that stores contents in its database, or in a folder."""
    folder = tmp_path / "files" if request.param == "folder" else None
    settings = {"KANBAN_FILES_FOLDER": str(folder)} if folder else {}
    kind = "postgresql" if request.param == "postgresql" else "sqlite"
    with running(databases.make(kind, request.config), **settings) as server:
        yield Store(server, folder)


def attach_all(kanban: Kanban) -> tuple[int, dict[str, int]]:
    """Attach files of two parts and a picture; return the ticket, and the content of each file."""
    ticket = kanban.tickets.create("x", board=1).id
    for name in NAMES:
        content = picture("png", 900, 600) if name == "shot.png" else os.urandom(CHUNK_BYTES + 10)
        kanban.files.attach(ticket, content, name=name)
    # Contents are numbered in the order in which they arrive
    return ticket, {name: number for number, name in enumerate(NAMES, 1)}


def test_files_without_their_content_are_found_and_no_repair_touches_them(store: Store) -> None:
    with store.server.kanban("ada") as kanban:
        ticket, ids = attach_all(kanban)
        assert store.doctor() == [("ok", "6 contents of files: all are whole.")]
        store.damage_contents(ids)
        findings = [
            ("bad", f"2 files without the whole content: lost.bin of ticket {ticket}, cut.bin of ticket {ticket}."),
            ("bad", f"1 file with a damaged content: changed.bin of ticket {ticket}."),
        ]
        assert store.doctor() == findings
        assert store.doctor("--repair") == findings
        assert [file.name for file in kanban.files.all(ticket)] == list(NAMES)
        assert len(kanban.files.read(ticket, "whole.bin")) == CHUNK_BYTES + 10


@pytest.mark.parametrize("served", [True, False])
def test_contents_that_no_file_has_are_found_and_removed_by_a_repair(store: Store, served: bool) -> None:
    with store.server.kanban("ada") as kanban:
        ticket, ids = attach_all(kanban)
        whole = {name: kanban.files.read(ticket, name) for name in NAMES}
        if not served:
            store.server.stop()
        count = store.add_orphans(ids)
        noun = "content" if count == 1 else "contents"
        assert store.doctor() == [("warning", f"{count} {noun} that no file has.")]
        assert store.doctor("--repair") == [
            ("ok", f"{count} {noun} that no file has: removed."),
            ("ok", "5 contents of files: all are whole."),
        ]
        if not served:
            store.server.start()
        for name in NAMES[1:]:
            assert kanban.files.read(ticket, name) == whole[name]
    if store.folder is not None:
        left = [path.name for path in store.folder.rglob("*") if path.is_file()]
        assert (len(left), "README" in left) == (6, True), "five contents, and what is not ours"


def test_a_folder_that_is_not_named_is_not_called_damaged(store: Store) -> None:
    if store.folder is None:
        pytest.skip("contents in the database need no setting")
    with store.server.kanban("ada") as kanban:
        attach_all(kanban)
    ((level, message),) = store.doctor(folder=False)
    assert (level, message.startswith("6 contents in a folder: not checked")) == ("warning", True)
