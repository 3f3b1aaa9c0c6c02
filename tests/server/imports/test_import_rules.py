"""An import keeps the rules of claims, reviews, limits and links."""

from __future__ import annotations

import httpx

from tests.server.imports.importing import ALL, FIRST, import_tickets, last_seq, reports
from tests.server.rest import done, events, problem, ticket_of


def test_what_somebody_else_holds_changes_in_comments_and_extra_only_until_it_is_free(
    rest: httpx.Client, board_id: int
) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "bob"}))
    before = ticket_of(rest, ids["one"])
    there = {
        **FIRST,
        "title": "Theirs",
        "labels": ["ui"],
        "status": "closed",
        "current_column": "Done",
        "blocked_by_sources": ["two"],
        "parent_source": "three",
        "extra": {"kept": 9},
        "comments": [*FIRST["comments"], {"text": "new", "author": "eve"}],
    }
    response = import_tickets(rest, board_id, there, prefer="source")
    held = reports(response, "held")
    fields = [name for report in held for name in report["fields"]]
    assert sorted(fields) == ["blocked_by", "current_column", "labels", "parent", "title"]
    assert {report["held_by"] for report in held} == {"bob"}
    after = ticket_of(rest, ids["one"])
    assert (after["extra"], after["comment_count"], after["claim"]) == ({"kept": 9}, 2, before["claim"])
    same = ("title", "labels", "current_column", "blocked_by", "parent", "assignee", "priority")
    assert [after[name] for name in same] == [before[name] for name in same]

    done(rest.post(f"/api/tickets/{ids['one']}/release", json={"released_by": "bob"}))
    response = import_tickets(rest, board_id, there)
    assert (response["updated"], response["reports"]) == (1, [])
    after = ticket_of(rest, ids["one"])
    assert (after["title"], after["labels"], after["current_column"]) == ("Theirs", ["ui"], "Done")
    assert (after["blocked_by"], after["parent"], after["comment_count"]) == ([ids["two"]], ids["three"], 2)


def test_force_changes_what_others_hold_and_is_recorded(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "bob"}))
    seq = last_seq(rest, board_id)
    response = import_tickets(rest, board_id, {**FIRST, "title": "Theirs"}, force=True)
    assert (response["updated"], response["reports"]) == (1, [])
    (event,) = events(rest, board_id, after=seq)
    assert (event["data"]["title"], event["data"]["forced"]) == ("Theirs", True)
    assert ticket_of(rest, ids["one"])["claim"]["holder"] == "bob"


def test_a_holder_imports_over_their_own_claim_and_a_claim_of_the_base_form_guards_nothing(
    rest: httpx.Client, board_id: int
) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "importer"}))
    done(rest.post(f"/api/tickets/{ids['two']}/claim?agent_id=bob"))
    response = import_tickets(rest, board_id, {**FIRST, "title": "Mine"}, {**ALL[1], "title": "Theirs"})
    assert (response["updated"], response["held"]) == (2, 0)


def test_a_done_ticket_ends_its_claim_and_unblocks_who_waited(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    seq = last_seq(rest, board_id)
    closed = [{**one, "current_column": "Done", "status": "closed"} for one in ALL[1:3]]
    assert import_tickets(rest, board_id, *closed)["updated"] == 2
    assert [event["event"] for event in events(rest, board_id, after=seq)][-1] == "ticket_unblocked"
    assert ticket_of(rest, ids["one"])["open_blockers"] == 0


def test_nobody_accepts_their_own_work_by_an_import(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.put(f"/api/boards/{board_id}", json={"review": True}))
    done(rest.post(f"/api/tickets/{ids['two']}/claim", json={"claimed_by": "importer"}))
    body = {"tickets": [{**ALL[1], "current_column": "Done"}], "imported_by": "importer"}
    done(rest.post(f"/api/tickets/{ids['two']}/move", json={"column": "Not Started", "moved_by": "importer"}))
    problem(rest.post(f"/api/boards/{board_id}/import", json=body), "review-required")


def test_what_ends_above_a_limit_is_reported(rest: httpx.Client, board_id: int) -> None:
    done(rest.patch(f"/api/boards/{board_id}/columns/2", json={"limit": 1}))
    tickets = [{"source_id": str(n), "title": str(n), "current_column": "In Progress"} for n in range(3)]
    response = import_tickets(rest, board_id, tickets[0])
    assert (response["created"], response["over_limits"]) == (1, 0)
    response = import_tickets(rest, board_id, *tickets[1:])
    assert (response["created"], response["over_limits"]) == (2, 1)
    assert reports(response, "over-limit") == [{"kind": "over-limit", "column": "In Progress", "limit": 1, "count": 3}]
    assert import_tickets(rest, board_id, *tickets)["over_limits"] == 0, "nothing was put there"


def test_names_that_could_not_be_linked_are_named_with_the_reason(rest: httpx.Client, board_id: int) -> None:
    tickets = [
        {"source_id": "a", "title": "a", "blocked_by_sources": ["b", "gone"], "parent_source": "nowhere"},
        {"source_id": "b", "title": "b", "blocked_by_sources": ["a"]},
    ]
    for _ in range(2):
        response = import_tickets(rest, board_id, *tickets)
        named = [
            (one["source_id"], one["fields"][0], one["value"], one["reason"])
            for one in reports(response, "not-understood")
        ]
        assert sorted(named) == [
            ("a", "blocked_by_sources", "gone", "missing"),
            ("a", "parent_source", "nowhere", "missing"),
            ("b", "blocked_by_sources", "a", "cycle"),
        ]
        assert response["not_understood"] == 3
