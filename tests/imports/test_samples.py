"""Each format: recognized, and read with all that its file says."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kanban_cli.formats import registry
from kanban_cli.formats.source import Source
from tests.imports import kept
from tests.imports.samples import EXPECTED, FOLDER, FORMATS, parse


@pytest.mark.parametrize("file", FORMATS)
def test_a_file_is_recognized_and_read_as_expected(file: str) -> None:
    expected: dict[str, Any] = json.loads(EXPECTED.read_text())[file]
    assert registry.recognize(Source.open(FOLDER / file)) == FORMATS[file]
    parsed = parse(FOLDER / file)
    assert parsed.tickets == expected["tickets"]
    assert (parsed.unclear, parsed.skipped) == (expected["unclear"], expected["skipped"])


def test_every_format_has_a_file() -> None:
    assert {*FORMATS.values()} == registry.FORMATS.keys()


def test_stdin_and_files_of_other_names_are_recognized_by_their_contents(tmp_path: Path) -> None:
    for file, name in FORMATS.items():
        if (FOLDER / file).is_dir() or name in {"notion", "todotxt", "org", "checklist"}:
            continue
        other = tmp_path / "export"
        shutil.copy(FOLDER / file, other)
        assert registry.recognize(Source.open(other)) == name, file


def test_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    text = (FOLDER / "jira.csv").read_text()
    for encoding in ("utf-16", "utf-8-sig", "utf-32"):
        (tmp_path / "jira.csv").write_bytes(text.encode(encoding))
        assert parse(tmp_path / "jira.csv") == parse(FOLDER / "jira.csv"), encoding


@pytest.mark.parametrize("nested", [False, True])
def test_the_table_in_a_zip_archive_is_read(tmp_path: Path, nested: bool) -> None:
    name = "Tool 0123456789abcdef0123456789abcdef"
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(FOLDER / f"{name}.csv", f"{name}_all.csv")
        packed.write(FOLDER / f"{name}.csv", f"{name}.csv")
        packed.writestr(f"{name}/Plan it 1.md", "# Plan it")
    if nested:
        with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
            outer.write(archive, "Part-1.zip")
        archive = tmp_path / "outer.zip"
    assert registry.recognize(Source.open(archive)) == "notion"
    assert parse(archive).tickets == parse(FOLDER / f"{name}.csv").tickets


def test_the_table_of_kept_fields_is_what_the_files_show() -> None:
    assert kept.page_table() == kept.table(), kept.__doc__


def test_every_format_has_its_section_in_the_specification() -> None:
    page = kept.PAGE.read_text()
    for name in registry.FORMATS:
        assert f"`kanban import {name} " in page, name
