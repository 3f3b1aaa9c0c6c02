"""Imported tickets that are archived at their source, and the marks of imported events."""

from __future__ import annotations

import httpx

from tests.server.rest import Json, done, events, ticket_of

OPEN: Json = {"source_id": "open", "title": "Open", "comments": [{"text": "old", "author": "eve"}]}
OLD: Json = {
    "source_id": "old",
    "title": "Old",
    "current_column": "Done",
    "archived": True,
    "blocked_by_sources": ["open"],
}


def bring(rest: httpx.Client, board: int, *tickets: Json) -> Json:
    return dict(done(rest.post(f"/api/boards/{board}/import", json={"tickets": tickets})))


def test_a_new_ticket_that_is_archived_there_goes_to_the_archive(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id, OPEN, OLD)["ids"]
    old = ticket_of(rest, ids["old"])
    assert (old["archived_at"] is not None, old["blocked_by"]) == (True, [ids["open"]])
    assert done(rest.get(f"/api/boards/{board_id}"))["counts"]["Done"] == 0
    again = bring(rest, board_id, OPEN, OLD)
    assert (again["unchanged"], again["reports"]) == (2, [])
    done(rest.post(f"/api/tickets/{ids['old']}/restore"))
    bring(rest, board_id, OPEN, OLD)
    assert ticket_of(rest, ids["old"])["archived_at"] is None, "what was restored here stays"
    bring(rest, board_id, {**OPEN, "archived": True}, OLD)
    assert ticket_of(rest, ids["open"])["archived_at"] is None, "what is known stays where it is"


def test_imported_events_are_marked(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, OPEN)["ids"]["open"]
    done(rest.put(f"/api/tickets/{id}", json={"title": "Edited"}))
    marks = {event["type"]: event["data"].get("imported") for event in events(rest, board_id)}
    assert (marks["ticket_created"], marks["comment_added"], marks["ticket_updated"]) == (True, True, None)
