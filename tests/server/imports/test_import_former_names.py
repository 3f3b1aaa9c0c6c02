"""A source that names its tickets anew finds those that were imported under the former names."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, ticket_of

OLD: Json = {"source_id": "#12", "title": "Upload hangs", "current_column": "Not Started", "status": "open"}
NEW: Json = {**OLD, "source_id": "acme/tool#12", "former_source_ids": ["12", "#12"]}


def bring(rest: httpx.Client, board: int, *tickets: Json) -> Json:
    return dict(done(rest.post(f"/api/boards/{board}/import", json={"tickets": tickets})))


def test_a_former_name_is_replaced_and_nothing_is_doubled(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, OLD)["ids"]["#12"]
    waiting = {"source_id": "acme/tool#13", "title": "Waits", "blocked_by_sources": ["acme/tool#12"]}
    answer = bring(rest, board_id, waiting, NEW)
    assert (answer["created"], answer["updated"], answer["ids"]["acme/tool#12"]) == (1, 1, id)
    assert ticket_of(rest, id)["source_id"] == "acme/tool#12"
    assert ticket_of(rest, answer["ids"]["acme/tool#13"])["blocked_by"] == [id]
    renamed = next(event for event in events(rest, board_id) if event["type"] == "ticket_updated")
    assert renamed["data"]["changes"] == {"source_id": {"from": "#12", "to": "acme/tool#12"}}
    again = bring(rest, board_id, waiting, NEW)
    assert (again["created"], again["updated"], again["unchanged"], again["reports"]) == (0, 0, 2, [])


@pytest.mark.parametrize("state", ["deleted", "archived"])
def test_a_ticket_that_is_off_the_board_is_found_by_its_former_name_too(
    rest: httpx.Client, board_id: int, state: str
) -> None:
    id = bring(rest, board_id, {**OLD, "current_column": "Done"})["ids"]["#12"]
    if state == "deleted":
        done(rest.delete(f"/api/tickets/{id}"))
    else:
        done(rest.post(f"/api/boards/{board_id}/archive", json={"days": 0}))
    answer = bring(rest, board_id, {**NEW, "title": "Reopened"})
    assert (answer["created"], answer["ids"]) == (0, {"acme/tool#12": id})
    assert [report["state"] for report in answer["reports"]] == [state]


def test_a_name_that_another_ticket_has_is_not_taken_from_it(rest: httpx.Client, board_id: int) -> None:
    id = bring(rest, board_id, OLD)["ids"]["#12"]
    answer = bring(rest, board_id, OLD, NEW)
    assert (answer["created"], answer["unchanged"], answer["ids"]["#12"]) == (1, 1, id)


def test_too_many_former_names_are_refused(rest: httpx.Client, board_id: int) -> None:
    ticket: dict[str, Any] = {**NEW, "former_source_ids": [str(number) for number in range(6)]}
    assert rest.post(f"/api/boards/{board_id}/import", json={"tickets": [ticket]}).status_code == 422
