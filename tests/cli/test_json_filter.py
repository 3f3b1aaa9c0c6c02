"""`--jq`: with the jq package, and the paths that are understood without it."""

from __future__ import annotations

import sys

import pytest

from kanban_cli.errors import CommandError
from kanban_cli.values.json_filter import compile_filter
from kanban_sdk import Board, Kanban
from tests.support.cli import Shell

PAGE = {"items": [{"id": 1, "title": "A"}, {"id": 2}], "total": 2}


def test_a_filter_selects_from_the_json_of_a_command(kanban: Shell, sdk: Kanban, own: Board) -> None:
    for title in ("One", "Two"):
        sdk.tickets.create(title, board=own.id)
    assert kanban.ok("list", "--jq", ".items[].title").out == "One\nTwo\n"
    assert kanban.ok("--jq", ".total", "list").out == "2\n"
    assert kanban.ok("list", "--jq", '.items | map(select(.title == "Two")) | length').out == "1\n"
    refused = kanban("list", "--jq", ".items[")
    assert (refused.code, refused.out) == (2, "")
    assert "kanban list --jq" in refused.err


@pytest.mark.parametrize("with_package", [True, False])
def test_paths_work_without_the_package_too(monkeypatch: pytest.MonkeyPatch, with_package: bool) -> None:
    if not with_package:
        monkeypatch.setitem(sys.modules, "jq", None)
    cases = ((".", [PAGE]), (".total", [2]), (".items[].title", ["A", None]), (".items[1].id", [2]), (".none", [None]))
    for path, selected in cases:
        assert list(compile_filter(path)(PAGE)) == selected, path


def test_other_filters_name_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jq", None)
    with pytest.raises(CommandError) as refused:
        compile_filter(".items | length")
    assert refused.value.fix == "pip install 'agent-kanban[jq]'"
