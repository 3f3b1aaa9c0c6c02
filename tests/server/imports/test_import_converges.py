"""A later import takes what changed at the source, and undoes nothing that was done on the board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.server.imports.importing import ALL, FIRST, import_tickets, last_seq, reports
from tests.server.rest import Json, done, events, new_ticket, ticket_of

Change = Callable[[httpx.Client, int, dict[str, int]], Any]


def edit(**fields: Any) -> Change:
    return lambda rest, board, ids: done(rest.put(f"/api/tickets/{ids['one']}", json=fields))


def request(path: str, name: str = "one", **body: Any) -> Change:
    return lambda rest, board, ids: rest.post(f"/api/tickets/{ids[name]}/{path}", json=body).raise_for_status()


def delete(name: str) -> Change:
    return lambda rest, board, ids: done(rest.delete(f"/api/tickets/{ids[name]}"))


def archive(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    request("move", column="Done")(rest, board, ids)
    done(rest.post(f"/api/boards/{board}/archive", json={"days": 0}))


def rename_column(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    done(rest.patch(f"/api/boards/{board}/columns/1", json={"name": "Ideas"}))
    FIRST_HERE["current_column"] = "Ideas"


def put_a_column_first(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    names = done(rest.get(f"/api/boards/{board}/columns"))
    done(rest.put(f"/api/boards/{board}/columns", json=["Inbox", *names]))
    FIRST_HERE["current_column"] = "Inbox"


def change_comment(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    comment = done(rest.get(f"/api/comments/ticket/{ids['one']}"))[0]["id"]
    done(rest.patch(f"/api/comments/{comment}", json={"text": "changed here"}, headers={"X-Kanban-User": "eve"}))


def delete_comment(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    comment = done(rest.get(f"/api/comments/ticket/{ids['one']}"))[0]["id"]
    done(rest.delete(f"/api/comments/{comment}", headers={"X-Kanban-User": "eve"}))


def release(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    request("claim", claimed_by="bob")(rest, board, ids)
    request("release", released_by="bob")(rest, board, ids)


FIRST_HERE: Json = {}
"""What an import says of the first ticket now that the board's columns are others: formats choose a column of it."""
CHANGES_HERE: dict[str, Change] = {
    "moved": request("move", column="Done"),
    "edited": edit(title="Mine", description=None, priority="low", due_date=None, acceptance_criteria="- [x] it runs"),
    "assigned": edit(assignee="bob"),
    "unassigned": edit(assignee=None),
    "labelled": request("labels", add=["mine"], remove=["bug"]),
    "unlinked": lambda rest, board, ids: done(
        rest.post(f"/api/tickets/{ids['one']}/unblock", json={"on": [ids["two"]]})
    ),
    "waiting for another": lambda rest, board, ids: done(
        rest.post(f"/api/tickets/{ids['one']}/block", json={"on": [new_ticket(rest, board)["id"]]})
    ),
    "without a parent": edit(parent=None),
    "link removed": request("links", remove=["https://example.com/1"], add=["https://example.com/2"]),
    "claimed": request("claim", claimed_by="bob"),
    "claimed and released": release,
    "deleted": delete("one"),
    "archived": archive,
    "blocker deleted": delete("two"),
    "blocker done": request("move", "two", column="Done"),
    "parent deleted": delete("four"),
    "column renamed": rename_column,
    "column added": put_a_column_first,
    "comment changed": change_comment,
    "comment deleted": delete_comment,
}


@pytest.mark.parametrize("change", CHANGES_HERE.values(), ids=CHANGES_HERE)
def test_an_unchanged_source_changes_nothing_whatever_happened_here(
    rest: httpx.Client, board_id: int, change: Change
) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    FIRST_HERE.clear()
    change(rest, board_id, ids)
    seq, before = last_seq(rest, board_id), rest.get(f"/api/tickets/{ids['one']}").json()
    second = import_tickets(rest, board_id, {**FIRST, **FIRST_HERE}, *ALL[1:])
    preferred = import_tickets(rest, board_id, {**FIRST, **FIRST_HERE}, *ALL[1:], prefer="source", force=True)
    for response in (second, preferred):
        assert (response["unchanged"], response["reports"], response["ids"]) == (4, [], ids)
    after = rest.get(f"/api/tickets/{ids['one']}").json()
    for ticket in (before, after):
        ticket.pop("lease", None)  # it runs down
    assert (last_seq(rest, board_id), after) == (seq, before)


CHANGES_THERE: dict[str, tuple[Json, Json]] = {
    "title": ({"title": "Changed there"}, {"title": "Changed there"}),
    "description": ({"description": None}, {"description": None}),
    "priority": ({"priority": "low"}, {"priority": "low"}),
    "assignee": ({"assignee": "bob"}, {"assignee": "bob"}),
    "due date": ({"due_date": "2026-06-07"}, {"due_date": "2026-06-07"}),
    "labels": ({"labels": ["net", "ui"]}, {"labels": ["net", "ui"]}),
    "extra": ({"extra": {"kept": 2, "new": 3}}, {"extra": {"kept": 2, "new": 3}}),
    "blockers": ({"blocked_by_sources": ["two"]}, {"blocked_by": ["two"]}),
    "parent": ({"parent_source": None}, {"parent": None}),
    "other parent": ({"parent_source": "two", "blocked_by_sources": ["three"]}, {"blocked_by": ["three"]}),
}


@pytest.mark.parametrize(("there", "here"), CHANGES_THERE.values(), ids=CHANGES_THERE)
def test_what_changed_at_the_source_is_taken_and_nothing_else(
    rest: httpx.Client, board_id: int, there: Json, here: Json
) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/move", json={"column": "In Progress"}))
    seq, before = last_seq(rest, board_id), ticket_of(rest, ids["one"])
    response = import_tickets(rest, board_id, {**FIRST, **there}, *ALL[1:])
    assert (response["updated"], response["unchanged"], response["reports"]) == (1, 3, [])
    if "blocked_by" in here:
        here = {**here, "blocked_by": [ids[name] for name in here["blocked_by"]]}
    after = ticket_of(rest, ids["one"])
    assert {**after, **here} == after
    derived = {"updated_by", "updated_at", "assigned_by", "version", "open_blockers", *here, "parent"}
    assert {name for name in after if after[name] != before[name]} <= derived
    (event,) = events(rest, board_id, after=seq)
    assert event["event"] == "ticket_updated"
    assert here.keys() <= event["data"]["changes"].keys() <= {*here, "parent"}
    assert import_tickets(rest, board_id, {**FIRST, **there}, *ALL[1:])["unchanged"] == 4


def test_a_state_that_changed_there_moves_the_ticket_where_it_was_not_moved_here(
    rest: httpx.Client, board_id: int
) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    started = {**FIRST, "status": "started", "current_column": "In Progress"}
    assert import_tickets(rest, board_id, started)["updated"] == 1
    assert ticket_of(rest, ids["one"])["current_column"] == "In Progress"
    done(rest.post(f"/api/tickets/{ids['one']}/move", json={"column": "Blocked"}))
    finished = {**FIRST, "status": "closed", "current_column": "Done"}
    response = import_tickets(rest, board_id, finished)
    assert reports(response, "conflict") == [
        {"kind": "conflict", "source_id": "one", "ticket_id": ids["one"], "fields": ["current_column"]}
    ]
    assert ticket_of(rest, ids["one"])["current_column"] == "Blocked"
    assert import_tickets(rest, board_id, finished, prefer="source")["updated"] == 1
    assert ticket_of(rest, ids["one"])["current_column"] == "Done"


def test_a_conflict_stays_until_it_is_settled_and_says_so_each_time(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.put(f"/api/tickets/{ids['one']}", json={"title": "Mine", "priority": "low"}))
    seq = last_seq(rest, board_id)
    there = {**FIRST, "title": "Theirs", "priority": "critical", "description": "new"}
    conflict = {"kind": "conflict", "source_id": "one", "ticket_id": ids["one"], "fields": ["title", "priority"]}
    for outcome in ("updated", "unchanged"):
        response = import_tickets(rest, board_id, there)
        assert (response[outcome], response["conflicts"], reports(response, "conflict")) == (1, 1, [conflict])
    ticket = ticket_of(rest, ids["one"])
    assert (ticket["title"], ticket["priority"], ticket["description"]) == ("Mine", "low", "new")
    assert len(events(rest, board_id, after=seq)) == 1

    done(rest.put(f"/api/tickets/{ids['one']}", json={"title": "Theirs"}))
    response = import_tickets(rest, board_id, there, prefer="source")
    assert reports(response, "conflict") == [{**conflict, "fields": ["priority"], "taken": True}]
    assert ticket_of(rest, ids["one"])["priority"] == "critical"
    settled = import_tickets(rest, board_id, there, prefer="source")
    assert (settled["unchanged"], settled["reports"]) == (1, [])


def test_labels_and_links_are_merged_one_by_one(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/labels", json={"add": ["mine", "ui"], "remove": ["net"]}))
    done(rest.post(f"/api/tickets/{ids['one']}/links", json={"add": ["https://example.com/mine"]}))
    there = {"labels": ["net", "ui", "db"], "links": [{"ref": "https://example.com/theirs"}]}
    response = import_tickets(rest, board_id, {**FIRST, **there})
    ticket = ticket_of(rest, ids["one"])
    assert (response["conflicts"], ticket["labels"]) == (0, ["mine", "ui", "db"])
    assert [link["ref"][20:] for link in ticket["links"]] == ["mine", "theirs"]
    full = [{"ref": f"https://example.com/{n}"} for n in range(50)]
    response = import_tickets(rest, board_id, {**FIRST, **there, "links": full})
    assert reports(response, "conflict")[0]["fields"] == ["links"], "more would be there than a ticket can have"


def test_new_comments_come_and_changed_ones_change(rest: httpx.Client, board_id: int) -> None:
    ids = import_tickets(rest, board_id)["ids"]
    more = {"text": "second", "author": "bob", "created_at": "2026-02-02T00:00:00Z"}
    changed = {**FIRST["comments"][0], "text": "first, corrected"}

    def texts() -> list[str]:
        return [one["text"] for one in done(rest.get(f"/api/comments/ticket/{ids['one']}"))]

    assert import_tickets(rest, board_id, {**FIRST, "comments": [changed, more]})["updated"] == 1
    assert texts() == ["first, corrected", "second"]
    assert ticket_of(rest, ids["one"])["comment_count"] == 2
    change_comment(rest, board_id, ids)
    response = import_tickets(rest, board_id, {**FIRST, "comments": [FIRST["comments"][0], more]})
    assert (response["unchanged"], reports(response, "conflict")[0]["fields"]) == (1, ["comments"])
    assert texts() == ["changed here", "second"]
    assert import_tickets(rest, board_id, {**FIRST, "comments": [more]})["unchanged"] == 1, "comments stay"
    page = done(rest.get("/api/tickets/", params={"board_id": board_id, "search": "second"}))
    assert [one["id"] for one in page["items"]] == [ids["one"]]
