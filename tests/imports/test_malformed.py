"""Broken files of every format: a refusal with the place and a next step, before anything is sent."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kanban_cli.errors import CommandError
from kanban_cli.formats import registry, source
from kanban_cli.formats.item import ReadOptions
from kanban_cli.invocation import Invocation
from kanban_cli.transfer import importer
from kanban_sdk.wire.limits import BODY_BYTES
from tests.imports.samples import COLUMNS, FOLDER, FORMATS

FILES = [file for file in FORMATS if (FOLDER / file).is_file()]
JSON_FILES = [file for file in FILES if file.endswith((".json", ".jsonl"))]
TABLES = [file for file in FILES if file.endswith(".csv")]
NEWLINE = b"\n"
LARGE = 10 * 1024 * 1024


def read(path: Path, format_name: str) -> None:
    """Read a file as an import does, before its first request."""
    parsed = registry.parse(format_name, importer.open_source(Invocation(), path), COLUMNS, ReadOptions())
    importer.read_tickets(Invocation(), parsed)


def refuse(path: Path, format_name: str) -> CommandError:
    """The refusal of a file, which is read whole before a request could be made."""
    with pytest.raises(CommandError) as refused:
        read(path, format_name)
    assert refused.value.code == 2
    assert str(path) in refused.value.detail
    assert "Nothing was imported." in refused.value.detail
    assert refused.value.fix
    return refused.value


@pytest.mark.parametrize("file", JSON_FILES)
def test_truncated_json_is_refused_with_its_line(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    content = (FOLDER / file).read_bytes().rstrip()
    path.write_bytes(content[:-2])
    assert f"line {content[:-2].count(NEWLINE) + 1}" in refuse(path, FORMATS[file]).detail


@pytest.mark.parametrize("file", TABLES)
def test_a_table_that_ends_within_quotes_is_refused_with_its_line(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    content = (FOLDER / file).read_text()
    path.write_text(content + '"begun')
    assert f"line {content.count(chr(10)) + 1}" in refuse(path, FORMATS[file]).detail


@pytest.mark.parametrize("file", FILES)
def test_another_encoding_is_refused_with_its_line(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    content = (FOLDER / file).read_bytes()
    path.write_bytes(content + b"Pr\xfcfung")
    refusal = refuse(path, FORMATS[file])
    assert f"line {content.count(NEWLINE) + 1} can't be read: it is not UTF-8" in refusal.detail
    assert refusal.fix == f"iconv -f WINDOWS-1252 -t UTF-8 {path}"


@pytest.mark.parametrize("file", JSON_FILES)
def test_json_that_is_nested_too_deep_is_refused(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.write_text("[" * 200_000 + "]" * 200_000)
    assert "line 1" in refuse(path, FORMATS[file]).detail
    path.write_text('{"id": "1", "number": 1, "iid": 1, "uuid": "u", "title": ' + "[" * 200_000 + "]" * 200_000 + "}")
    assert "line 1" in refuse(path, FORMATS[file]).detail


@pytest.mark.parametrize("file", TABLES)
def test_a_cell_of_ten_megabytes_is_refused_with_its_line(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    content = (FOLDER / file).read_text()
    path.write_text(content + "x" * LARGE)
    assert f"line {content.count(chr(10)) + 1}" in refuse(path, FORMATS[file]).detail


@pytest.mark.parametrize("file", JSON_FILES)
def test_a_title_of_ten_megabytes_is_refused(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    content = (FOLDER / file).read_text()
    path.write_text(content.replace("Retry the upload", "x" * LARGE))
    detail = refuse(path, FORMATS[file]).detail
    assert "is the most" in detail or "it has more than" in detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\ntitle: never ended\n", "line 1"),
        ("---\ntitle: " + "[" * 5_000 + "]" * 5_000 + "\n---\n", "line 2"),
        ("---\ntitle: fine\n---\n" + "x" * 1_100_000, "bytes"),
        ("---\ntitle: Pr\xfcfung\n---\n", "not UTF-8"),
    ],
    ids=["truncated", "nested", "large", "encoding"],
)
def test_a_broken_file_of_front_matter_is_refused_with_its_place(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "task.md").write_bytes(content.encode("latin-1"))
    detail = refuse(tmp_path, "markdown").detail
    assert ("task.md" in detail, reason in detail) == (True, True), detail


@pytest.mark.parametrize("file", ["beads.jsonl", "todo.txt", "tool.org", "checklist.md", "obsidian.md"])
def test_a_line_of_ten_megabytes_is_refused(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    path.write_text((FOLDER / file).read_text() + "- [ ] " + "x" * LARGE)
    assert "characters" in refuse(path, FORMATS[file]).detail


def test_a_ticket_that_is_too_large_for_a_request_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "issues.json"
    path.write_text(json.dumps([{"number": 1, "title": "fine"}]) + "\n")
    many = {"number": 2, "title": "large", "comments": [{"body": "x" * 60_000}] * (BODY_BYTES // 60_000 + 1)}
    path.write_text('{"number": 1, "title": "fine"}\n' + json.dumps(many))
    assert f"{path}, line 2: the ticket has" in refuse(path, "github").detail


def test_all_files_of_a_folder_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"task-{number}.md").write_text(f"---\ntitle: {'a: b' if number else 'fine'}\n---\n")
    detail = refuse(tmp_path, "markdown").detail
    assert [f"task-{number}.md, line 2" in detail for number in range(3)] == [False, True, True]


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "DOCUMENT_BYTES", 1_000_000)


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize(("format_name", "entry"), [("notion", "Tasks_all.csv"), ("vikunja", "data.json")])
def test_a_zip_bomb_is_refused(tmp_path: Path, format_name: str, entry: str) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, b"0" * 50_000_000)
    refusal = refuse(path, format_name)
    assert f"{entry} unpacks to more: 1,000,000 bytes is the most" in refusal.detail
    assert refusal.fix == f"unzip -l {path}"


@pytest.mark.usefixtures("small_limit")
def test_a_large_document_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_text(" " * 1_000_001)
    assert "the file has 1,000,001 bytes" in refuse(path, "trello").detail


def test_a_broken_archive_and_one_without_a_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(b"PK\x03\x04 and so on")
    assert "can't be unpacked" in refuse(path, "notion").detail
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "title")
        archive.writestr("b.csv", "title")
    assert "no single table" in refuse(path, "notion").detail


@pytest.mark.parametrize("file", JSON_FILES)
def test_values_of_other_types_are_read_or_refused(file: str) -> None:
    """Each value of the document, replaced by one of another type."""
    content = (FOLDER / file).read_text()
    has_lines = file.endswith(".jsonl")
    document = [*map(json.loads, content.splitlines())] if has_lines else json.loads(content)
    for place, value in _places(document):
        for odd in (None, 7, "text", [], {}, [1], {"a": 1}, True):
            changed = json.loads(json.dumps(document))
            _put(changed, place, odd if type(odd) is not type(value) else [odd])
            text = "\n".join(map(json.dumps, changed)) if has_lines else json.dumps(changed)
            assert _titles(FORMATS[file], text) >= -1


def _titles(format_name: str, text: str) -> int:
    """How many tickets with titles a text has; -1 if it is refused."""
    data = source.Source.of("f", text.encode())
    try:
        return len([one.ticket["title"] for one in registry.parse(format_name, data, COLUMNS, ReadOptions())])
    except source.ParseError:
        return -1


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Each place of a JSON document, with its value."""
    if path:
        yield path, value
    inner = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for name, child in inner:
        yield from _places(child, (*path, name))


def _put(document: object, path: tuple[str | int, ...], value: object) -> None:
    for name in path[:-1]:
        document = document[name]  # type: ignore[index]
    document[path[-1]] = value  # type: ignore[index]
