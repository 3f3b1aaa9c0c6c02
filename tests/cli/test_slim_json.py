"""What `--json` and the tools of agents say of a ticket: the fields that matter, and none that is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

import pytest

from kanban_sdk import Board, Kanban
from tests.support.cli import ROOT, Shell
from tests.support.mcp import agent
from tests.support.servers import Server

BACKLOG = ROOT / "scripts" / "backlog.jsonl"
MAX_BYTES = 120
"""Maximum bytes of a ticket beyond its title, at the median."""


def bytes_beyond_title(ticket: Mapping[str, object]) -> int:
    """Return the size of a ticket's JSON without the text of its title."""
    return len(json.dumps(ticket, separators=(",", ":")).encode()) - len(json.dumps(ticket["title"]).encode()) + 2


def empty_fields(value: object, path: str = "") -> Iterator[str]:
    """Return where a JSON value has nulls."""
    if value is None:
        yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from empty_fields(inner, f"{path}.{name}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from empty_fields(inner, f"{path}[{number}]")


def test_a_ticket_costs_few_bytes_beyond_its_title(kanban: Shell, sqlite: Server, own: Board) -> None:
    kanban.ok("import", "beads", BACKLOG)
    page = kanban.ok("list", "--json").json
    assert len(page["items"]) == len(BACKLOG.read_text().splitlines())
    assert list(empty_fields(page)) == []
    assert median(map(bytes_beyond_title, page["items"])) <= MAX_BYTES
    with agent(f"{sqlite.url}/mcp?board={own.id}", "bob") as bob:
        listed = bob("ticket_list", limit=50)
        assert (list(empty_fields(listed)), len(listed["tickets"])) == ([], len(page["items"]))
        assert median(map(bytes_beyond_title, listed["tickets"])) <= MAX_BYTES
    whole = kanban.ok("list", "--json", "--full").json["items"]
    assert median(map(bytes_beyond_title, whole)) > 4 * MAX_BYTES
    assert [ticket["id"] for ticket in whole] == [ticket["id"] for ticket in page["items"]]


def test_a_list_has_what_differs_from_the_usual_and_full_has_the_answer_of_the_server(
    kanban: Shell, sqlite: Server, sdk: Kanban, own: Board
) -> None:
    plain = sdk.tickets.create("Plain", board=own.id).id
    whole = sdk.tickets.create("Whole", board=own.id, column="Done").id
    rich = sdk.tickets.create(
        "Rich", board=own.id, blocked_by=[plain], priority="high", due_date="2030-01-31", labels=["a"], parent=whole
    ).id
    sdk.tickets.claim(plain)
    facts = {"priority": "high", "due_date": "2030-01-31", "labels": ["a"], "parent": whole, "open_blockers": 1}
    assert kanban.ok("list", "--json").json["items"] == [
        {"id": rich, "title": "Rich", "current_column": "Not Started", **facts},
        {
            "id": plain,
            "title": "Plain",
            "current_column": "In Progress",
            "assignee": "ada",
            "claim": {"holder": "ada"},
        },
        {"id": whole, "title": "Whole", "current_column": "Done", "open_children": 1},
    ]
    with agent(f"{sqlite.url}/mcp?board={own.id}", "bob") as bob:
        assert bob("ticket_list")["tickets"] == [
            {"id": rich, "title": "Rich", "column": "Not Started", **facts},
            {"id": plain, "title": "Plain", "column": "In Progress", "assignee": "ada", "held_by": "ada"},
            {"id": whole, "title": "Whole", "column": "Done", "open_children": 1},
        ]
    full = kanban.ok("list", "--json", "--full").json["items"][0]
    absent: list[object] = [full[name] for name in ("assignee", "claim", "children", "links")]
    assert (full["created_by"], absent) == ("ada", [None, None, 0, []])
    assert kanban.ok("list", "--json", "-l", "none").json["items"] == [], "a list that is the answer stays"


@pytest.mark.parametrize("flags", [[], ["--full"]])
def test_show_has_the_texts_and_the_lease_token_only_for_the_holder(
    kanban: Shell, sdk: Kanban, own: Board, flags: list[str]
) -> None:
    ticket = sdk.tickets.create("One", board=own.id, description="Long", acceptance_criteria="It runs").id
    sdk.comments.add(ticket, "seen")
    sdk.tickets.claim(ticket)
    details = kanban.ok("show", ticket, "--json", *flags).json
    assert (details["description"], details["criteria"], details["lease"]["token"]) == (
        "Long",
        {"done": 0, "all": 1},
        f"{ticket}.1",
    )
    assert [comment["text"] for comment in details["comments"]] == ["seen"]
    assert ("token" in kanban.ok("show", ticket, "--json", "-u", "bob", *flags).json["lease"]) == bool(flags)
    assert bool(list(empty_fields(details))) == bool(flags)


def test_the_ticket_to_work_on_comes_with_its_texts_and_a_changed_one_without(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    for title in ("One", "Two"):
        sdk.tickets.create(title, board=own.id, description=f"All about {title}", acceptance_criteria="It runs")
    first = kanban.ok("next", "--json").json["ticket"]
    assert (first["description"], first["acceptance_criteria"]) == ("All about One", "It runs")
    finished = kanban.ok("done", first["id"], "--check", "all", "--next", "--lease", f"{first['id']}.1", "--json").json
    assert "description" not in finished["ticket"]
    assert (finished["ticket"]["current_column"], finished["ticket"]["criteria"]) == ("Done", {"done": 1, "all": 1})
    assert (finished["next"]["ticket"]["description"], list(empty_fields(finished))) == ("All about Two", [])
    assert "claimed_by" not in finished["next"]["ticket"]


def test_events_and_filters_keep_what_is_empty_since_null_is_a_value_there(
    kanban: Shell, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("One", board=own.id, assignee="ada").id
    sdk.tickets.edit(ticket, assignee=None)
    event = kanban.ok("log", "-n", 1, "--json").json["events"][0]
    assert event["data"]["changes"]["assignee"] == {"from": "ada", "to": None}
    assert kanban.ok("list", "--jq", ".items[0].version").out == "2\n"
    assert kanban.ok("list", "--json", "--fields", "id,assignee").json["items"] == [{"id": ticket, "assignee": None}]
