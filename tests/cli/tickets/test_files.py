"""Files of tickets on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import Shell


def refused(kanban: Shell, code: int, *arguments: object, stdin: str | None = None) -> str:
    """Run a command that is refused with this exit code; return what it prints on stderr."""
    output = kanban(*arguments, stdin=stdin)
    assert output.code == code, output
    return output.err


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> int:
    return sdk.tickets.create("With files", board=own.id).id


def test_files_are_attached_listed_downloaded_and_removed(
    kanban: Shell, sdk: Kanban, ticket: int, tmp_path: Path
) -> None:
    content = os.urandom(700_000)
    (tmp_path / "data.bin").write_bytes(content)
    (tmp_path / "a b.txt").write_text("hello")
    attached = kanban("attach", ticket, "data.bin", "a b.txt")
    assert attached.rows[0] == ["file data.bin", f"on {ticket}", "700000 bytes", "application/octet-stream"]
    assert [row[:3] for row in kanban("files", ticket).rows] == [
        ["data.bin", "700000", "application/octet-stream"],
        ["a b.txt", "5", "text/plain"],
    ]
    assert "files\tdata.bin  a b.txt" in kanban("show", ticket).out
    assert "data.bin is there already" in refused(kanban, 2, "download", ticket, "data.bin")
    assert kanban("download", ticket, "data.bin", "-o", "copy.bin", "--json").json["bytes"] == 700_000
    assert (tmp_path / "copy.bin").read_bytes() == content
    assert kanban("download", ticket, "a b.txt", "-o", "-").out == "hello"
    assert kanban("export", "board.jsonl", "--files", "all").code == 0
    assert (tmp_path / "all" / str(ticket) / "data.bin").read_bytes() == content
    assert "--yes" in refused(kanban, 2, "detach", ticket, "data.bin")
    kanban.ok("detach", ticket, "data.bin", "--yes")
    assert [file.name for file in sdk.files.all(ticket)] == ["a b.txt"]


def test_the_files_of_an_export_are_attached_by_its_import_once(
    kanban: Shell, sdk: Kanban, ticket: int, tmp_path: Path
) -> None:
    content = os.urandom(1000)
    (tmp_path / "data.bin").write_bytes(content)
    (tmp_path / "b.txt").write_text("hello")
    kanban.ok("attach", ticket, "data.bin", "b.txt")
    kanban.ok("export", "board.jsonl", "--full", "--files", "all")
    there = kanban.using(KANBAN_BOARD=str(sdk.boards.create("Elsewhere").id))
    (tmp_path / "empty").mkdir()
    assert "is not there" in refused(there, 2, "import", "jsonl", "board.jsonl", "--files", "empty")
    assert "--files is for" in refused(there, 2, "import", "csv", "b.txt", "--files", "all")
    report = there.ok("import", "jsonl", "board.jsonl", "--files", "all", "--json").json
    (copy,) = report["ids"].values()
    assert report["files"] == 2
    assert sdk.files.read(copy, "data.bin") == content
    assert sdk.files.read(copy, "b.txt") == b"hello"
    assert "files" not in there.ok("import", "jsonl", "board.jsonl", "--files", "all", "--json").json
    there.ok("detach", copy, "b.txt", "--yes")
    there.ok("import", "jsonl", "board.jsonl", "--files", "all")
    assert [file.name for file in sdk.files.all(copy)] == ["data.bin"], "what was removed here stays removed"


def test_a_file_comes_from_a_pipe_under_a_name(kanban: Shell, sdk: Kanban, ticket: int) -> None:
    assert "needs a name" in refused(kanban, 2, "attach", ticket, "-", stdin="piped")
    kanban("attach", ticket, "-", "--name", "log.txt", stdin="piped")
    again = kanban("attach", ticket, "-", "--name", "log.txt", stdin="other")
    assert "log-2.txt" in again.err
    assert sdk.files.read(ticket, "log-2.txt") == b"other"


def test_a_file_that_is_not_there_or_somebody_elses_is_refused(kanban: Shell, ticket: int) -> None:
    kanban("attach", ticket, "-", "--name", "log.txt", stdin="piped")
    assert "There is no file nofile" in refused(kanban, 2, "attach", ticket, "nofile")
    assert "There is no file nofile" in refused(kanban, 3, "download", ticket, "nofile")
    assert "ada attached log.txt" in refused(kanban, 7, "detach", ticket, "log.txt", "--yes", "-u", "bob")
    assert "--name is for one file" in refused(kanban, 2, "attach", ticket, "a", "b", "--name", "x")
