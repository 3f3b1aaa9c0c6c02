"""Histories of imported tickets: who changed what and when, before the import; and tickets that were deleted there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, problem, ticket_of

CREATED = "2026-01-01T08:00:00.000000Z"
STARTED = "2026-01-02T08:00:00.000000Z"
FINISHED = "2026-01-04T08:00:00.000000Z"
DAY = 24 * 60 * 60


def change(field: str, old: Any, new: Any, at: str, by: str | None = "eve") -> Json:
    return {"field_name": field, "old_value": old, "new_value": new, "changed_by": by, "changed_at": at}


HISTORY = [
    change("current_column", "In Progress", "Done", FINISHED, "zoe"),
    change("priority", "low", "high", STARTED),
    change("current_column", "Not Started", "In Progress", STARTED),
    change("created", None, "One", CREATED),
]
"""As the API has it: newest first."""
FIRST: Json = {
    "source_id": "one",
    "title": "One",
    "current_column": "Done",
    "created_by": "eve",
    "created_at": CREATED,
    "column_entered_at": FINISHED,
    "history": HISTORY,
}


def bring(rest: httpx.Client, board: int, *tickets: Json) -> Json:
    return dict(done(rest.post(f"/api/boards/{board}/import", json={"tickets": tickets, "imported_by": "admin"})))


def history(rest: httpx.Client, ticket: int) -> list[Json]:
    return list(done(rest.get(f"/api/history/tickets/{ticket}/history")))


def without_ids(changes: list[Json]) -> list[tuple[Any, ...]]:
    """The changes without their ids."""
    return [tuple(one[name] for name in change("", None, None, "")) for one in changes]


def test_a_history_comes_along_with_its_authors_and_times(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, FIRST)["ids"]["one"]
    imported, *older = history(rest, id)
    assert (imported["field_name"], imported["new_value"], imported["changed_by"]) == ("imported", "One", "admin")
    assert without_ids(older) == [tuple(one.values()) for one in HISTORY]
    assert len({one["id"] for one in [imported, *older]}) == 5


def test_imported_events_are_marked_and_their_times_are_not_those_of_the_log(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, FIRST)["ids"]["one"]
    created, *told_of = events(rest, board_id)[-4:]
    assert (created["type"], created["data"]["imported"]) == ("ticket_created", True)
    assert [event["type"] for event in told_of] == ["history_imported"] * 3
    assert [event["data"]["changed_at"] for event in told_of] == [CREATED, STARTED, FINISHED]
    assert {event["timestamp"] for event in told_of} == {created["timestamp"]}
    assert created["timestamp"] > FINISHED
    assert {event["actor"] for event in told_of} == {"admin"}
    assert told_of[1]["data"] == {
        "ticket_id": id,
        "board_id": board_id,
        "changes": {
            "current_column": {"from": "Not Started", "to": "In Progress"},
            "priority": {"from": "low", "to": "high"},
        },
        "changed_by": "eve",
        "changed_at": STARTED,
        "imported": True,
    }


def test_a_change_is_taken_once_whatever_happened_here(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, FIRST)["ids"]["one"]
    done(rest.post(f"/api/tickets/{id}/move", json={"column": "Blocked", "moved_by": "bob"}))
    before = events(rest, board_id)
    assert bring(rest, board_id, FIRST)["unchanged"] == 1
    assert events(rest, board_id) == before
    done(rest.delete(f"/api/tickets/{id}"))
    more = change("title", "Two", "One", "2026-01-03T08:00:00Z", None)
    assert bring(rest, board_id, {**FIRST, "history": [*HISTORY, more]})["updated"] == 1, "it changes no ticket"
    assert without_ids(history(rest, id))[4] == ("title", "Two", "One", "anonymous", "2026-01-03T08:00:00.000000Z")
    assert bring(rest, board_id, {**FIRST, "history": [more, *HISTORY]})["unchanged"] == 1


def test_what_the_log_of_a_ticket_tells_already_is_not_told_twice(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, {**FIRST, "history": []})["ids"]["one"]
    done(rest.post(f"/api/tickets/{id}/move", json={"column": "Blocked", "moved_by": "bob"}))
    exported = [dict(zip(change("", None, None, ""), one, strict=True)) for one in without_ids(history(rest, id))]
    before = events(rest, board_id)
    bring(rest, board_id, {**FIRST, "history": exported})
    assert events(rest, board_id) == before


def cycle(rest: httpx.Client, board: int) -> Json:
    return dict(done(rest.get(f"/api/boards/{board}/stats", params={"days": 366})))


@pytest.mark.parametrize(
    ("moves", "seconds"),
    [
        (HISTORY, 2 * DAY),
        (HISTORY[1:], None),  # does not lead to the column of the ticket
        ([change("current_column", "Doing", "Done", FINISHED)], None),  # the board has no such column
        ([*HISTORY[:2], change("current_column", "Not Started", "Blocked", STARTED)], None),  # a gap
    ],
)
def test_cycle_times_count_a_history_that_leads_through_columns_of_the_board(
    rest: httpx.Client, board_id: int, moves: list[Json], seconds: float | None
) -> None:
    bring(rest, board_id, {**FIRST, "history": moves})
    stats = cycle(rest, board_id)
    assert (stats["cycle"]["p50"], stats["lead"]["p50"]) == (seconds, 3 * DAY)
    stays = {column["name"]: column["count"] for column in stats["columns"]}
    assert (stays["Not Started"], stays["In Progress"]) == ((1, 1) if seconds else (0, 0))


def test_a_ticket_that_is_deleted_there_comes_into_the_trash_and_can_be_restored(
    rest: httpx.Client, board_id: int
) -> None:
    comment = {"text": "gone too", "author": "eve", "created_at": CREATED}
    gone = {**FIRST, "deleted": True, "comments": [comment]}
    id = bring(rest, board_id, gone, {**FIRST, "source_id": "two"})["ids"]["one"]
    assert [one["title"] for one in done(rest.get(f"/api/boards/{board_id}/tickets"))["tickets"]] == ["One"]
    problem(rest.get(f"/api/tickets/{id}"), "not-found")
    problem(rest.get(f"/api/comments/ticket/{id}"), "not-found")
    query = {"board_id": board_id, "deleted": True}
    assert [one["id"] for one in done(rest.get("/api/tickets", params=query))["items"]] == [id]
    assert [one["text"] for one in done(rest.get(f"/api/comments/ticket/{id}?deleted=true"))] == ["gone too"]
    assert events(rest, board_id)[-1]["data"]["imported"] is True
    assert bring(rest, board_id, gone)["unchanged"] == 1
    done(rest.post(f"/api/tickets/{id}/restore"))
    assert bring(rest, board_id, gone)["unchanged"] == 1
    assert ticket_of(rest, id)["current_column"] == "Done", "what was restored here stays"


def test_a_history_without_a_time_is_refused_with_its_ticket(rest: httpx.Client, board_id: int) -> None:
    bad = {**FIRST, "history": [change("title", "a", "b", "yesterday")]}
    refused = rest.post(f"/api/boards/{board_id}/import", json={"tickets": [bad]})
    assert problem(refused, "invalid-request")["source_id"] == "one"
    assert len(events(rest, board_id)) == 1


def test_a_leaked_text_is_taken_out_of_an_imported_history_too(rest: httpx.Client, board_id: int) -> None:
    leaked = "hunter-22"
    changes = [change("created", None, leaked, CREATED), change("secret", leaked, [leaked], STARTED)]
    id = bring(rest, board_id, {**FIRST, "history": changes})["ids"]["one"]
    done(rest.post(f"/api/tickets/{id}/redact", json={"text": leaked}))
    assert leaked not in str(history(rest, id)) + str(events(rest, board_id))
