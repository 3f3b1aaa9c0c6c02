"""The command line is parsed strictly: repeated options and unknown fields are refused."""

from __future__ import annotations

import json

import pytest

from kanban_cli.exit_codes import NOT_FOUND, REFUSED, USAGE
from kanban_sdk import Board, Kanban
from tests.support.cli import Shell


@pytest.mark.parametrize(
    "line",
    [
        "list -c Done -c Blocked",
        "-b 1 -b 2 list",
        "add x --priority high -p low",
        "board add x --columns a --columns b",
    ],
)
def test_a_repeated_option_of_one_value_is_refused(kanban: Shell, line: str) -> None:
    result = kanban(*line.split())
    assert (result.code, result.out) == (USAGE, "")
    assert "occurs twice, and takes one value" in result.err


def test_options_of_several_values_and_flags_may_be_repeated(kanban: Shell, sdk: Kanban, own: Board) -> None:
    result = kanban("add", "A ticket", "-l", "one", "-l", "two", "--json", "--json")
    assert result.json["labels"] == ["one", "two"]
    assert kanban("-b", "1", "list", "-b", str(own.id), "--json").json["total"] == 1, "the nearer one wins"


def test_a_batch_names_the_line_of_a_refused_change(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("A ticket", board=own.id).id

    def run(*operations: object) -> tuple[int, dict[str, object]]:
        lines = "\n\n".join(json.dumps(one) for one in operations)
        result = kanban("batch", "-", "--json", stdin=lines)
        return result.code, json.loads(result.err) if result.err else {}

    good = {"op": "edit", "ticket": ticket, "title": "changed"}
    code, problem = run(good, {"op": "move", "ticket": ticket, "colum": "Done"})
    assert (code, problem["type"], problem["line"], problem["nearest"]) == (USAGE, "unknown-field", 3, "column")
    code, problem = run(good, good, {"op": "move", "ticket": ticket})
    assert (code, problem["type"], problem["line"]) == (USAGE, "invalid-request", 5)
    code, problem = run(good, {"op": "move", "ticket": ticket, "column": "Nowhere"})
    assert (code, problem["type"], problem["line"]) == (USAGE, "unknown-column", 3)
    code, problem = run(good, {"op": "fly", "ticket": ticket})
    assert (code, problem["type"], problem["line"]) == (USAGE, "invalid-request", 3)
    code, problem = run(good, {"op": "delete", "ticket": 999_999_999})
    assert (code, problem["type"], problem["line"]) == (NOT_FOUND, "not-found", 3)
    assert "line 3" in str(problem["detail"])
    assert sdk.tickets.get(ticket).title == "A ticket"

    lines = "\n".join(["", json.dumps(good), "", json.dumps({"op": "delete", "ticket": 999_999_999})])
    result = kanban("batch", "--each", "-", "--json", stdin=lines)
    assert result.code == REFUSED
    assert [one["line"] for one in result.json["results"]] == [2, 4]
