"""Whatever a file of another program holds: a ticket that a board can take, or a refusal that says where."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kanban_cli.formats import fields, registry
from kanban_cli.formats.item import ReadOptions
from kanban_cli.formats.source import ParseError, ParseErrors, Source
from kanban_cli.formats.ticket import ParsedTicket
from kanban_sdk.wire.boards import DEFAULT_COLUMNS, Column
from kanban_sdk.wire.bodies.import_bodies import ImportedTicket
from kanban_server.rules import actors, columns, links, priorities, timestamps, validation
from kanban_server.rules.problems import Refusal

COLUMNS: list[Column] = columns.create_columns(DEFAULT_COLUMNS)
BODY = TypeAdapter(ImportedTicket)
MAY_STILL_BE_REFUSED = {"title-too-long", "text-too-long", "invalid-name"}
"""Unicode's composed form of a text can be longer than the text, or hold nothing that is seen."""

TEXT = st.text(max_size=40) | st.sampled_from(
    ["", " ", "\0", "\x1b[31m", "\u202e", "\u2028", "=1+1", "'", '"', "- [ ] x", "#1"]
)
LONG = st.sampled_from(["é" * 40_000, " " * 70_000 + "x"])
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TIME = st.sampled_from(
    ["2026-01-02T03:04:05Z", "2026-01-02", "0001-01-01T00:00:00+14:00", "2026-13-01", "soon", "", "9" * 9]
)
STATUS = st.sampled_from(["open", "closed", "OPEN", "CLOSED", "in_progress", "Blocked", "hooked", "nonsense", ""])
ISSUE = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXT | st.just("bd-1"),
        "number": VALUE | st.just(7),
        "title": VALUE,
        "body": VALUE | LONG,
        "description": VALUE | LONG,
        "status": STATUS | VALUE,
        "state": STATUS | VALUE,
        "priority": st.integers(-1, 9) | VALUE,
        "labels": st.lists(st.fixed_dictionaries({"name": TEXT | st.just("P1")}) | TEXT, max_size=3) | VALUE,
        "assignees": st.lists(st.fixed_dictionaries({"login": TEXT}), max_size=2) | VALUE,
        "assignee": VALUE,
        "author": st.fixed_dictionaries({"login": TEXT}) | VALUE,
        "created_at": TIME | VALUE,
        "createdAt": TIME | VALUE,
        "closedAt": TIME | VALUE,
        "comments": st.lists(st.fixed_dictionaries({"body": TEXT, "text": TEXT, "author": VALUE}), max_size=2) | VALUE,
        "milestone": st.fixed_dictionaries({"dueOn": TIME}) | VALUE,
        "projectItems": st.lists(st.fixed_dictionaries({"status": st.fixed_dictionaries({"name": STATUS})})) | VALUE,
        "url": st.just("https://github.com/o/r/issues/7") | VALUE,
        "dependencies": VALUE,
        "issue_type": VALUE,
    },
)
NAME = st.sampled_from([name for field in fields.FIELD_NAMES.values() for name in field] + ["Odd one", "", "Due-Date"])
CELL = TEXT | STATUS | TIME | st.just("task-1, 2;@ada") | st.just("y" * 300)
YAML = ["[a, b]", "|", "{a: 1}", "&x y", "*x", "'", "- a", "!!python/name:os.system", "[" * 2000]
LINE = st.builds("{}: {}".format, NAME, CELL | st.sampled_from(YAML))
SECTIONS = st.text(max_size=60) | st.just("# T\n## Acceptance Criteria\n- [ ] #1 x\n```\n## y")


def acceptable(tickets: Iterable[ParsedTicket]) -> int:
    """How many tickets there are; each has the form of a body, and the server's rules take every field."""
    count = 0
    for one in tickets:
        ticket = BODY.validate_python(orjson.loads(json.dumps(one.ticket)))
        assert one.place.line >= 1
        refused = None
        try:
            _judge(ticket)
        except Refusal as refusal:
            refused = refusal
        assert refused is None or refused.type in MAY_STILL_BE_REFUSED, (refused.detail, asdict(ticket))
        count += 1
    return count


def _judge(ticket: ImportedTicket) -> None:
    assert validation.check_source_id(ticket.source_id)
    assert validation.check_title(ticket.title)
    columns.find_column(COLUMNS, ticket.current_column or "")
    validation.check_text(ticket.description)
    validation.check_text(ticket.acceptance_criteria)
    priorities.check_priority(ticket.priority)
    actors.check_assignee(ticket.assignee)
    actors.imported_name(ticket.created_by, "nobody")
    validation.check_labels(ticket.labels)
    timestamps.parse_day(ticket.due_date)
    links.parse_links(link["ref"] for link in ticket.links)
    validation.check_extra(ticket.extra)
    for comment in ticket.comments:
        assert validation.check_comment(comment.text)
        assert actors.imported_name(comment.author, "")
    reports = [
        ticket.created_at,
        ticket.updated_at,
        ticket.column_entered_at,
        *(one.created_at for one in ticket.comments),
    ]
    for time in reports:
        timestamps.parse_timestamp(time, "")


def parse(name: str, data: bytes | Path, file: str = "f") -> list[ParsedTicket]:
    """The tickets that a format finds in a file's bytes, or in a folder."""
    source = Source.open(data) if isinstance(data, Path) else Source.of(file, data)
    return [*registry.parse(name, source, COLUMNS, ReadOptions())]


def read(name: str, data: bytes | Path) -> int:
    """How many tickets a format finds; -1 where it says what is wrong, and where."""
    try:
        return acceptable(parse(name, data))
    except ParseError as error:
        wrong = [error]
    except ParseErrors as errors:
        wrong = errors.errors
    assert wrong
    for one in wrong:
        assert one.line >= 1
        assert one.file
        assert str(one)
    return -1


def many(test: Callable[..., None]) -> Callable[..., None]:
    """As many examples as the suite has time for."""
    return settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])(test)


@many
@given(st.lists(ISSUE, max_size=3), st.sampled_from([None, 0, 2]))
def test_issues_are_read_or_refused(issues: list[dict[str, Any]], indent: int | None) -> None:
    """JSON of the right shape with anything in it, in each of the ways that it may be written."""
    lines = "\n".join(json.dumps(issue) for issue in issues).encode(errors="surrogatepass")
    read("beads", lines)
    assert read("github", lines) == read("github", json.dumps(issues, indent=indent).encode())


@many
@given(st.binary(max_size=60) | st.text(alphabet='[]{},:"\\ntf0-e\n \ufeff', max_size=30).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in registry.FORMATS:
        read(name, data)


@many
@given(st.lists(NAME, min_size=1, max_size=5), st.lists(st.lists(CELL, max_size=6), max_size=4))
def test_tables_are_read_or_refused(header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=",;\t"[len(rows) % 3]).writerows([["Title", *header], *rows])
    read("csv", text.getvalue().encode(errors="surrogatepass"))


@many
@given(st.lists(st.tuples(st.lists(LINE, max_size=5), SECTIONS), max_size=4))
def test_task_files_are_read_or_refused(files: list[tuple[list[str], str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        for number, (lines, text) in enumerate(files):
            whole = "\n".join(["---", *lines, "---", text])
            Path(name, f"task-{number}.md").write_bytes(whole.encode(errors="surrogatepass"))
        read("markdown", Path(name))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[\n {},\n", 2, "number"),
        ('[\n {"number": 1},\n {"number": 2} {"number": 3}]', 3, "list"),
        ('[\n {"number": 1},\n]', 3, "Expecting value"),
        ('[\n {"number": 1}\n', 3, "list"),
        ('{"number": 1}\n{"number": 0}', 2, "number"),
        ('{"number": 1}\n\n[]', 3, "object"),
        ("\n\n{", 3, "Expecting"),
    ],
)
def test_where_a_file_of_issues_goes_wrong_is_told(text: str, line: int, what: str) -> None:
    with pytest.raises(ParseError, match=what) as refused:
        parse("github", text.encode(), "issues.json")
    assert (refused.value.file, refused.value.line) == ("issues.json", line)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "--map"),
        ("status\ndone\n", 1, "title"),
        ("title,status\n\n\none,two,three\n", 4, "3 cells; the header has 2"),
        ('title,status\n"a\nb",\n,done\n', 4, "no title"),
        ('title\n"a\n', 2, "unexpected end"),
        ("title\n" + "x" * 1_100_000, 2, "field larger"),
    ],
)
def test_where_a_table_goes_wrong_is_told(text: str, line: int, what: str) -> None:
    with pytest.raises(ParseError, match=what) as refused:
        parse("csv", text.encode(), "tasks.csv")
    assert (refused.value.file, refused.value.line) == ("tasks.csv", line)


@pytest.mark.parametrize(
    ("front", "line", "what"),
    [
        ("title: a: b", 2, "mapping values"),
        ("title: one\nlabels: [a", 3, "expected"),
        ("a: &x [y]\nb: *x", 3, "references"),
        ("- title", 2, "lines such as"),
        ("title: \x01", 2, "special characters"),
        ("id: |\n  two\n  lines", 1, "id"),
        ("a: 1\n---\n" + "x" * 1_100_000, 1, "bytes"),
    ],
)
def test_where_front_matter_goes_wrong_is_told(tmp_path: Path, front: str, line: int, what: str) -> None:
    file = tmp_path / "task.md"
    file.write_text(f"---\n{front}\n---\n")
    with pytest.raises(ParseError, match=what) as refused:
        parse("markdown", tmp_path)
    assert (refused.value.file, refused.value.line) == (str(file), line)


def test_front_matter_without_an_end_and_text_that_is_not_utf_8_are_told(tmp_path: Path) -> None:
    for content, line in ((b"---\ntitle: one\n", 1), (b"---\ntitle: one\n---\n\xff", 4)):
        (tmp_path / "task.md").write_bytes(content)
        with pytest.raises(ParseError) as refused:
            parse("markdown", tmp_path)
        assert refused.value.line == line
    with pytest.raises(ParseError, match="UTF-8") as not_text:
        parse("csv", b"title\nfine\n\xff\n", "tasks.csv")
    assert not_text.value.line == 3


def test_what_a_tag_of_yaml_asks_for_is_never_done(tmp_path: Path) -> None:
    (tmp_path / "task.md").write_text("---\ntitle: !!python/object/apply:os.system [touch it]\n---\n")
    (ticket,) = parse("markdown", tmp_path)
    assert ticket.ticket["title"] == "touch it"
