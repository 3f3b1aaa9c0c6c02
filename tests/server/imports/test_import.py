"""Tickets that were made elsewhere, brought as often as one likes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of, titles

COMPLETE: Json = {
    "source_id": "bd-1",
    "title": "From elsewhere",
    "current_column": "in_progress",
    "description": "text",
    "acceptance_criteria": "- [ ] one",
    "priority": "4.0",
    "assignee": "zoe",
    "labels": ["bug"],
    "created_by": "old hand",
    "created_at": "2024-01-02T03:04:05Z",
    "updated_at": "2024-02-03T04:05:06.123456+02:00",
    "column_entered_at": "2024-01-03",
    "extra": {"links": [{"to": "bd-9"}], "n": 1.5, "none": None, "nul": "\0", "": {}},
    "comments": [
        {"text": "first", "author": "anonymous", "created_at": "2024-01-02T04:00:00Z"},
        {"text": "second", "author": "system"},
    ],
}

NOTHING: Json = {
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "ids": {},
    "unlinked": [],
    "conflicts": 0,
    "held": 0,
    "over_limits": 0,
    "not_understood": 0,
    "reports": [],
}
"""The answer to an import of nothing."""


def bring(rest: httpx.Client, board_id: int, *tickets: Json) -> httpx.Response:
    return rest.post(f"/api/boards/{board_id}/import", json={"tickets": tickets, "imported_by": "ada"})


def test_an_import_keeps_what_it_brings(rest: httpx.Client, board_id: int) -> None:
    response = done(bring(rest, board_id, COMPLETE, {"source_id": "bd-2", "title": "Bare"}))
    assert (response["created"], response["updated"], response["unchanged"]) == (2, 0, 0)
    ticket = ticket_of(rest, response["ids"]["bd-1"])
    same = COMPLETE.keys() - {"comments", "updated_at", "column_entered_at", "current_column", "created_at"}
    assert {name: ticket[name] for name in same} == {name: COMPLETE[name] for name in same}
    assert (ticket["current_column"], ticket["updated_by"], ticket["comment_count"]) == ("In Progress", "ada", 2)
    assert ticket["created_at"] == "2024-01-02T03:04:05.000000Z"
    assert ticket["updated_at"] == "2024-02-03T02:05:06.123456Z"
    assert ticket["column_entered_at"] == "2024-01-03T00:00:00.000000Z"
    comments = done(rest.get(f"/api/comments/ticket/{ticket['id']}"))
    assert [(one["text"], one["author"]) for one in comments] == [("first", "anonymous"), ("second", "system")]
    assert comments[0]["created_at"] == "2024-01-02T04:00:00.000000Z"
    assert titles(rest, board_id, search="second") == ["From elsewhere"]

    bare = ticket_of(rest, response["ids"]["bd-2"])
    assert (bare["current_column"], bare["created_by"], bare["extra"]) == ("Not Started", "ada", None)
    assert bare["created_at"] == bare["updated_at"] == bare["column_entered_at"]


def test_a_second_run_changes_nothing(rest: httpx.Client, board_id: int) -> None:
    first = done(bring(rest, board_id, COMPLETE, {"source_id": "bd-2", "title": "Bare", "extra": {}}))
    before = events(rest, board_id)
    second = done(bring(rest, board_id, COMPLETE, {"source_id": "bd-2", "title": "Bare", "extra": {}}))
    assert second == {**NOTHING, "unchanged": 2, "ids": first["ids"]}
    assert events(rest, board_id) == before


def test_a_later_run_brings_what_changed(rest: httpx.Client, board_id: int) -> None:
    id = done(bring(rest, board_id, COMPLETE))["ids"]["bd-1"]
    changed = {**COMPLETE, "title": "Now done", "current_column": "Done", "extra": {"closed": True}}
    assert done(bring(rest, board_id, changed))["updated"] == 1
    ticket = ticket_of(rest, id)
    assert (ticket["title"], ticket["current_column"], ticket["extra"]) == ("Now done", "Done", {"closed": True})
    assert done(bring(rest, board_id, {**changed, "extra": None}))["updated"] == 1
    assert ticket_of(rest, id)["extra"] is None


def test_two_tickets_of_one_source_id_are_refused_with_both_places(rest: httpx.Client, board_id: int) -> None:
    same = [{"source_id": name, "title": f"{name} {n}"} for n, name in enumerate("xyx")]
    refused = problem(bring(rest, board_id, *same), "invalid-request")
    assert (refused["source_id"], refused["indexes"]) == ("x", [0, 2])
    assert "tickets[0] and tickets[2]" in refused["detail"]
    assert titles(rest, board_id) == []


def test_a_source_id_is_unique_on_its_board_only(rest: httpx.Client, board_id: int) -> None:
    assert done(bring(rest, board_id, {"source_id": f"x of {board_id}", "title": "a"}))["created"] == 1
    assert done(bring(rest, 1, {"source_id": f"x of {board_id}", "title": "a"}))["created"] == 1


def test_what_was_deleted_here_stays_deleted(rest: httpx.Client, board_id: int) -> None:
    id = done(bring(rest, board_id, COMPLETE))["ids"]["bd-1"]
    done(rest.delete(f"/api/tickets/{id}"))
    second = done(bring(rest, board_id, {**COMPLETE, "title": "Changed there", "current_column": "Done"}))
    (report,) = second["reports"]
    assert second == {**NOTHING, "unchanged": 1, "ids": {"bd-1": id}, "conflicts": 1, "reports": [report]}
    assert (report["fields"], report["state"]) == (["title", "current_column"], "deleted")
    problem(rest.get(f"/api/tickets/{id}"), "not-found")


def test_an_import_is_one_transaction_and_its_refusal_names_the_ticket(rest: httpx.Client, board_id: int) -> None:
    bad = {"source_id": "bd-3", "title": "x", "priority": "soon"}
    refused = problem(bring(rest, board_id, COMPLETE, bad), "invalid-priority")
    assert refused["source_id"] == "bd-3"
    assert titles(rest, board_id) == []
    done(bring(rest, board_id, COMPLETE))
    created = events(rest, board_id)[1:]
    assert [event["event"] for event in created] == ["ticket_created", "comment_added", "comment_added"]
    assert len({event["tx"] for event in created}) == 1


def test_a_hundred_tickets_fit_and_a_hundred_and_one_do_not(rest: httpx.Client, board_id: int) -> None:
    many = [{"source_id": str(n), "title": f"t{n}"} for n in range(101)]
    problem(bring(rest, board_id, *many), "invalid-request")
    assert done(bring(rest, board_id, *many[:100]))["created"] == 100
    assert titles(rest, board_id, page_size=500) == [f"t{n}" for n in range(100)]
    assert done(bring(rest, board_id))["created"] == 0


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("field", "value", "type"),
    [
        ("source_id", "", "invalid-request"),
        ("source_id", "x" * 201, "invalid-request"),
        ("source_id", "a\0b", "invalid-name"),
        ("created_at", "yesterday", "invalid-request"),
        ("updated_at", "0001-01-01T00:00:00+23:59", "invalid-request"),
        ("column_entered_at", "9" * 5000, "invalid-request"),
        ("created_by", "a\nb", "invalid-name"),
        ("assignee", "system", "reserved-name"),
        ("current_column", "Nowhere", "unknown-column"),
        ("extra", [1], "invalid-request"),
        ("extra", {"a": deep(100)}, "invalid-request"),
        ("extra", {"a": deep(900)}, "invalid-request"),
        ("comments", [{"text": " ", "author": "ada"}], "invalid-request"),
        ("comments", [{"text": "x", "author": "a\0"}], "invalid-name"),
        ("labels", ["\x1b"], "invalid-name"),
    ],
)
def test_what_can_not_be_kept_is_refused(
    rest: httpx.Client, board_id: int, field: str, value: object, type: str
) -> None:
    problem(bring(rest, board_id, {"source_id": "a", "title": "t", field: value}), type)
    assert titles(rest, board_id) == []


def test_extra_may_be_a_hundred_levels_deep(rest: httpx.Client, board_id: int) -> None:
    extra = {"a": deep(99)}
    id = done(bring(rest, board_id, {"source_id": "a", "title": "t", "extra": extra}))["ids"]["a"]
    assert ticket_of(rest, id)["extra"] == extra
    assert done(bring(rest, board_id, {"source_id": "a", "title": "t", "extra": extra}))["unchanged"] == 1
    assert events(rest, board_id)[-1]["data"]["extra"] == extra


def test_a_ticket_made_here_has_no_source(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, source_id="mine")
    assert (ticket["source_id"], ticket["extra"]) == (None, None)


def waiting_ticket(source: str, *blockers: str, **fields: Any) -> Json:
    """A ticket that waits for others, by their names elsewhere."""
    return {"source_id": source, "title": source, "blocked_by_sources": list(blockers), **fields}


def test_what_tickets_wait_for_and_are_part_of_comes_with_them_in_any_order(rest: httpx.Client, board_id: int) -> None:
    due = {"due_date": "2026-01-31", "links": [{"kind": "nonsense", "ref": "0123abc"}]}
    first = (waiting_ticket("a", "b", "c", parent_source="p", updated_at="2024-01-01", **due), waiting_ticket("b"))
    response = done(bring(rest, board_id, *first))
    assert response["unlinked"] == ["a"]
    ids = response["ids"]
    a = ticket_of(rest, ids["a"])
    assert (a["blocked_by"], a["open_blockers"], a["parent"]) == ([ids["b"]], 1, None)
    assert a["extra"] == {"blocked_by_sources": ["c"], "parent_source": "p"}
    assert (a["due_date"], a["links"]) == ("2026-01-31", [{"kind": "commit", "ref": "0123abc"}])

    ids |= done(bring(rest, board_id, waiting_ticket("c", current_column="Done"), {"source_id": "p", "title": "p"}))[
        "ids"
    ]
    assert done(bring(rest, board_id, *first))["updated"] == 1
    a = ticket_of(rest, ids["a"])
    assert (a["blocked_by"], a["open_blockers"], a["parent"]) == ([ids["b"], ids["c"]], 1, ids["p"])
    assert (a["extra"], a["updated_at"]) == (None, "2024-01-01T00:00:00.000000Z")
    before = events(rest, board_id)
    second = done(bring(rest, board_id, *first))
    assert (second["unchanged"], second["unlinked"]) == (2, [])
    without = {name: value for name, value in first[0].items() if name not in {"blocked_by_sources", "parent_source"}}
    assert done(bring(rest, board_id, without))["unchanged"] == 1, "what it does not say stays"
    assert events(rest, board_id) == before


def test_what_would_close_a_cycle_stays_in_extra(rest: httpx.Client, board_id: int) -> None:
    tickets = [
        waiting_ticket("a", "b"),
        waiting_ticket("b", "c"),
        waiting_ticket("c", "a", "d"),
        waiting_ticket("d", "d"),
        waiting_ticket("e", parent_source="f"),
    ]
    tickets.append(waiting_ticket("f", parent_source="e", extra={"n": 1}))
    for outcome in ("created", "unchanged"):
        response = done(bring(rest, board_id, *tickets))
        assert (response[outcome], response["unlinked"]) == (6, [])
    tickets_by_source = {source: ticket_of(rest, id) for source, id in response["ids"].items()}
    ids = response["ids"]
    assert [tickets_by_source[source]["blocked_by"] for source in "abcd"] == [[ids["b"]], [ids["c"]], [ids["d"]], []]
    assert [tickets_by_source[source]["extra"] for source in "abcd"] == [
        None,
        None,
        {"blocked_by_sources": ["a"]},
        {"blocked_by_sources": ["d"]},
    ]
    assert (tickets_by_source["e"]["parent"], tickets_by_source["f"]["parent"]) == (ids["f"], None)
    assert tickets_by_source["f"]["extra"] == {"n": 1, "parent_source": "e"}


def test_a_deleted_or_archived_ticket_is_linked_to_nothing_anew(rest: httpx.Client, board_id: int) -> None:
    old = {"source_id": "old", "title": "old", "current_column": "Done", "column_entered_at": "2020-01-01"}
    ids = done(bring(rest, board_id, {"source_id": "gone", "title": "gone"}, old))["ids"]
    done(rest.delete(f"/api/tickets/{ids['gone']}"))
    assert done(rest.post(f"/api/boards/{board_id}/archive"))["archived"] == 1
    response = done(
        bring(
            rest,
            board_id,
            waiting_ticket("new", "gone", "old"),
            waiting_ticket("gone", "old"),
            waiting_ticket("old", "gone"),
        )
    )
    assert (response["created"], response["unchanged"], response["unlinked"]) == (1, 2, ["new"])
    new = ticket_of(rest, response["ids"]["new"])
    assert (new["blocked_by"], new["open_blockers"]) == ([ids["old"]], 0)
    assert new["extra"] == {"blocked_by_sources": ["gone"]}
    problem(bring(rest, board_id, waiting_ticket("n", "\0")), "invalid-name")
