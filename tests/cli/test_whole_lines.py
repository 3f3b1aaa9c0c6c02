"""A command line is read whole: what it says twice, or what nobody knows, is refused."""

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
def test_an_option_of_one_value_that_is_there_twice_is_refused(kanban: Shell, line: str) -> None:
    said = kanban(*line.split())
    assert (said.code, said.out) == (USAGE, "")
    assert "occurs twice, and takes one value" in said.err


def test_options_of_several_values_and_flags_may_be_repeated(kanban: Shell, sdk: Kanban, own: Board) -> None:
    said = kanban("add", "A ticket", "-l", "one", "-l", "two", "--json", "--json")
    assert said.json["labels"] == ["one", "two"]
    assert kanban("-b", "1", "list", "-b", str(own.id), "--json").json["total"] == 1, "the nearer one wins"


def test_a_batch_names_the_line_of_whatever_is_refused(kanban: Shell, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("A ticket", board=own.id).id

    def run(*operations: object) -> tuple[int, dict[str, object]]:
        lines = "\n\n".join(json.dumps(one) for one in operations)
        said = kanban("batch", "-", "--json", stdin=lines)
        return said.code, json.loads(said.err) if said.err else {}

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
    said = kanban("batch", "--each", "-", "--json", stdin=lines)
    assert said.code == REFUSED
    assert [one["line"] for one in said.json["results"]] == [2, 4]
