"""A later import takes what changed at the source, and undoes nothing that was done on the board."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.rest import Json, done, events, new_ticket, problem, ticket_of
from tests.store import dumps
from tests.support.databases import Databases
from tests.support.people import Guarded
from tests.support.servers import running

ONE: Json = {
    "source_id": "one",
    "title": "One",
    "current_column": "Not Started",
    "status": "open",
    "description": "text",
    "acceptance_criteria": "- [ ] it runs",
    "priority": "high",
    "assignee": "zoe",
    "labels": ["bug", "net"],
    "due_date": "2026-05-06",
    "links": [{"ref": "https://example.com/1"}],
    "blocked_by_sources": ["two", "three"],
    "parent_source": "four",
    "extra": {"kept": 1, "also": [2]},
    "comments": [{"text": "first", "author": "eve", "created_at": "2026-01-02T03:04:05Z"}],
}
ALL = [ONE, *({"source_id": name, "title": name} for name in ("two", "three", "four"))]


def bring(rest: httpx.Client, board: int, *tickets: Json, **more: Any) -> Json:
    """Import as `importer`."""
    body = {"tickets": tickets or ALL, "imported_by": "importer", **more}
    return dict(done(rest.post(f"/api/boards/{board}/import", json=body)))


def reports(answer: Json, kind: str) -> list[Json]:
    """The reports of one kind, without what they do not say."""
    of_kind = [report for report in answer["reports"] if report["kind"] == kind]
    return [{name: value for name, value in one.items() if value not in (None, [], False)} for one in of_kind]


def newest(rest: httpx.Client, board: int) -> int:
    return int(events(rest, board)[-1]["seq"])


Change = Callable[[httpx.Client, int, dict[str, int]], Any]


def put(**fields: Any) -> Change:
    return lambda rest, board, ids: done(rest.put(f"/api/tickets/{ids['one']}", json=fields))


def post(path: str, name: str = "one", **body: Any) -> Change:
    return lambda rest, board, ids: rest.post(f"/api/tickets/{ids[name]}/{path}", json=body).raise_for_status()


def delete(name: str) -> Change:
    return lambda rest, board, ids: done(rest.delete(f"/api/tickets/{ids[name]}"))


def archive(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    post("move", column="Done")(rest, board, ids)
    done(rest.post(f"/api/boards/{board}/archive", json={"days": 0}))


def rename_column(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    done(rest.patch(f"/api/boards/{board}/columns/1", json={"name": "Ideas"}))
    ONE_HERE["current_column"] = "Ideas"


def put_a_column_first(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    names = done(rest.get(f"/api/boards/{board}/columns"))
    done(rest.put(f"/api/boards/{board}/columns", json=["Inbox", *names]))
    ONE_HERE["current_column"] = "Inbox"


def change_comment(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    comment = done(rest.get(f"/api/comments/ticket/{ids['one']}"))[0]["id"]
    done(rest.patch(f"/api/comments/{comment}", json={"text": "changed here"}, headers={"X-Kanban-User": "eve"}))


def delete_comment(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    comment = done(rest.get(f"/api/comments/ticket/{ids['one']}"))[0]["id"]
    done(rest.delete(f"/api/comments/{comment}", headers={"X-Kanban-User": "eve"}))


def release(rest: httpx.Client, board: int, ids: dict[str, int]) -> None:
    post("claim", claimed_by="bob")(rest, board, ids)
    post("release", released_by="bob")(rest, board, ids)


ONE_HERE: Json = {}
"""What an import says of the first ticket now that the board's columns are others: formats choose a column of it."""
HERE: dict[str, Change] = {
    "moved": post("move", column="Done"),
    "edited": put(title="Mine", description=None, priority="low", due_date=None, acceptance_criteria="- [x] it runs"),
    "assigned": put(assignee="bob"),
    "unassigned": put(assignee=None),
    "labelled": post("labels", add=["mine"], remove=["bug"]),
    "unlinked": lambda rest, board, ids: done(
        rest.post(f"/api/tickets/{ids['one']}/unblock", json={"on": [ids["two"]]})
    ),
    "waiting for another": lambda rest, board, ids: done(
        rest.post(f"/api/tickets/{ids['one']}/block", json={"on": [new_ticket(rest, board)["id"]]})
    ),
    "without a parent": put(parent=None),
    "link removed": post("links", remove=["https://example.com/1"], add=["https://example.com/2"]),
    "claimed": post("claim", claimed_by="bob"),
    "claimed and released": release,
    "deleted": delete("one"),
    "archived": archive,
    "blocker deleted": delete("two"),
    "blocker done": post("move", "two", column="Done"),
    "parent deleted": delete("four"),
    "column renamed": rename_column,
    "column added": put_a_column_first,
    "comment changed": change_comment,
    "comment deleted": delete_comment,
}


@pytest.mark.parametrize("change", HERE.values(), ids=HERE)
def test_an_unchanged_source_changes_nothing_whatever_happened_here(
    rest: httpx.Client, board_id: int, change: Change
) -> None:
    ids = bring(rest, board_id)["ids"]
    ONE_HERE.clear()
    change(rest, board_id, ids)
    seq, before = newest(rest, board_id), rest.get(f"/api/tickets/{ids['one']}").json()
    again = bring(rest, board_id, {**ONE, **ONE_HERE}, *ALL[1:])
    preferred = bring(rest, board_id, {**ONE, **ONE_HERE}, *ALL[1:], prefer="source", force=True)
    for answer in (again, preferred):
        assert (answer["unchanged"], answer["reports"], answer["ids"]) == (4, [], ids)
    after = rest.get(f"/api/tickets/{ids['one']}").json()
    for ticket in (before, after):
        ticket.pop("lease", None)  # it runs down
    assert (newest(rest, board_id), after) == (seq, before)


THERE: dict[str, tuple[Json, Json]] = {
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


@pytest.mark.parametrize(("there", "here"), THERE.values(), ids=THERE)
def test_what_changed_at_the_source_is_taken_and_nothing_else(
    rest: httpx.Client, board_id: int, there: Json, here: Json
) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/move", json={"column": "In Progress"}))
    seq, before = newest(rest, board_id), ticket_of(rest, ids["one"])
    answer = bring(rest, board_id, {**ONE, **there}, *ALL[1:])
    assert (answer["updated"], answer["unchanged"], answer["reports"]) == (1, 3, [])
    if "blocked_by" in here:
        here = {**here, "blocked_by": [ids[name] for name in here["blocked_by"]]}
    after = ticket_of(rest, ids["one"])
    assert {**after, **here} == after
    derived = {"updated_by", "updated_at", "assigned_by", "version", "open_blockers", *here, "parent"}
    assert {name for name in after if after[name] != before[name]} <= derived
    (event,) = events(rest, board_id, after=seq)
    assert event["event"] == "ticket_updated"
    assert here.keys() <= event["data"]["changes"].keys() <= {*here, "parent"}
    assert bring(rest, board_id, {**ONE, **there}, *ALL[1:])["unchanged"] == 4


def test_a_state_that_changed_there_moves_the_ticket_where_it_was_not_moved_here(
    rest: httpx.Client, board_id: int
) -> None:
    ids = bring(rest, board_id)["ids"]
    started = {**ONE, "status": "started", "current_column": "In Progress"}
    assert bring(rest, board_id, started)["updated"] == 1
    assert ticket_of(rest, ids["one"])["current_column"] == "In Progress"
    done(rest.post(f"/api/tickets/{ids['one']}/move", json={"column": "Blocked"}))
    finished = {**ONE, "status": "closed", "current_column": "Done"}
    answer = bring(rest, board_id, finished)
    assert reports(answer, "conflict") == [
        {"kind": "conflict", "source_id": "one", "ticket_id": ids["one"], "fields": ["current_column"]}
    ]
    assert ticket_of(rest, ids["one"])["current_column"] == "Blocked"
    assert bring(rest, board_id, finished, prefer="source")["updated"] == 1
    assert ticket_of(rest, ids["one"])["current_column"] == "Done"


def test_a_conflict_stays_until_it_is_settled_and_says_so_each_time(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.put(f"/api/tickets/{ids['one']}", json={"title": "Mine", "priority": "low"}))
    seq = newest(rest, board_id)
    there = {**ONE, "title": "Theirs", "priority": "critical", "description": "new"}
    conflict = {"kind": "conflict", "source_id": "one", "ticket_id": ids["one"], "fields": ["title", "priority"]}
    for outcome in ("updated", "unchanged"):
        answer = bring(rest, board_id, there)
        assert (answer[outcome], answer["conflicts"], reports(answer, "conflict")) == (1, 1, [conflict])
    ticket = ticket_of(rest, ids["one"])
    assert (ticket["title"], ticket["priority"], ticket["description"]) == ("Mine", "low", "new")
    assert len(events(rest, board_id, after=seq)) == 1

    done(rest.put(f"/api/tickets/{ids['one']}", json={"title": "Theirs"}))
    answer = bring(rest, board_id, there, prefer="source")
    assert reports(answer, "conflict") == [{**conflict, "fields": ["priority"], "taken": True}]
    assert ticket_of(rest, ids["one"])["priority"] == "critical"
    settled = bring(rest, board_id, there, prefer="source")
    assert (settled["unchanged"], settled["reports"]) == (1, [])


def test_labels_and_links_are_merged_one_by_one(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/labels", json={"add": ["mine", "ui"], "remove": ["net"]}))
    done(rest.post(f"/api/tickets/{ids['one']}/links", json={"add": ["https://example.com/mine"]}))
    there = {"labels": ["net", "ui", "db"], "links": [{"ref": "https://example.com/theirs"}]}
    answer = bring(rest, board_id, {**ONE, **there})
    ticket = ticket_of(rest, ids["one"])
    assert (answer["conflicts"], ticket["labels"]) == (0, ["mine", "ui", "db"])
    assert [link["ref"][20:] for link in ticket["links"]] == ["mine", "theirs"]
    full = [{"ref": f"https://example.com/{n}"} for n in range(50)]
    answer = bring(rest, board_id, {**ONE, **there, "links": full})
    assert reports(answer, "conflict")[0]["fields"] == ["links"], "more would be there than a ticket can have"


def test_new_comments_come_and_changed_ones_change(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    more = {"text": "second", "author": "bob", "created_at": "2026-02-02T00:00:00Z"}
    changed = {**ONE["comments"][0], "text": "first, corrected"}

    def texts() -> list[str]:
        return [one["text"] for one in done(rest.get(f"/api/comments/ticket/{ids['one']}"))]

    assert bring(rest, board_id, {**ONE, "comments": [changed, more]})["updated"] == 1
    assert texts() == ["first, corrected", "second"]
    assert ticket_of(rest, ids["one"])["comment_count"] == 2
    change_comment(rest, board_id, ids)
    answer = bring(rest, board_id, {**ONE, "comments": [ONE["comments"][0], more]})
    assert (answer["unchanged"], reports(answer, "conflict")[0]["fields"]) == (1, ["comments"])
    assert texts() == ["changed here", "second"]
    assert bring(rest, board_id, {**ONE, "comments": [more]})["unchanged"] == 1, "what is gone there stays here"
    found = done(rest.get("/api/tickets/", params={"board_id": board_id, "search": "second"}))
    assert [one["id"] for one in found["items"]] == [ids["one"]]


def test_what_somebody_else_holds_changes_in_comments_and_extra_only_until_it_is_free(
    rest: httpx.Client, board_id: int
) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "bob"}))
    before = ticket_of(rest, ids["one"])
    there = {
        **ONE,
        "title": "Theirs",
        "labels": ["ui"],
        "status": "closed",
        "current_column": "Done",
        "blocked_by_sources": ["two"],
        "parent_source": "three",
        "extra": {"kept": 9},
        "comments": [*ONE["comments"], {"text": "new", "author": "eve"}],
    }
    answer = bring(rest, board_id, there, prefer="source")
    held = reports(answer, "held")
    fields = [name for report in held for name in report["fields"]]
    assert sorted(fields) == ["blocked_by", "current_column", "labels", "parent", "title"]
    assert {report["held_by"] for report in held} == {"bob"}
    after = ticket_of(rest, ids["one"])
    assert (after["extra"], after["comment_count"], after["claim"]) == ({"kept": 9}, 2, before["claim"])
    same = ("title", "labels", "current_column", "blocked_by", "parent", "assignee", "priority")
    assert [after[name] for name in same] == [before[name] for name in same]

    done(rest.post(f"/api/tickets/{ids['one']}/release", json={"released_by": "bob"}))
    answer = bring(rest, board_id, there)
    assert (answer["updated"], answer["reports"]) == (1, [])
    after = ticket_of(rest, ids["one"])
    assert (after["title"], after["labels"], after["current_column"]) == ("Theirs", ["ui"], "Done")
    assert (after["blocked_by"], after["parent"], after["comment_count"]) == ([ids["two"]], ids["three"], 2)


def test_force_changes_what_others_hold_and_is_recorded(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "bob"}))
    seq = newest(rest, board_id)
    answer = bring(rest, board_id, {**ONE, "title": "Theirs"}, force=True)
    assert (answer["updated"], answer["reports"]) == (1, [])
    (event,) = events(rest, board_id, after=seq)
    assert (event["data"]["title"], event["data"]["forced"]) == ("Theirs", True)
    assert ticket_of(rest, ids["one"])["claim"]["holder"] == "bob"


def test_a_holder_imports_over_their_own_claim_and_a_claim_of_the_base_form_guards_nothing(
    rest: httpx.Client, board_id: int
) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.post(f"/api/tickets/{ids['one']}/claim", json={"claimed_by": "importer"}))
    done(rest.post(f"/api/tickets/{ids['two']}/claim?agent_id=bob"))
    answer = bring(rest, board_id, {**ONE, "title": "Mine"}, {**ALL[1], "title": "Theirs"})
    assert (answer["updated"], answer["held"]) == (2, 0)


def test_a_done_ticket_ends_its_claim_and_unblocks_who_waited(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    seq = newest(rest, board_id)
    closed = [{**one, "current_column": "Done", "status": "closed"} for one in ALL[1:3]]
    assert bring(rest, board_id, *closed)["updated"] == 2
    assert [event["event"] for event in events(rest, board_id, after=seq)][-1] == "ticket_unblocked"
    assert ticket_of(rest, ids["one"])["open_blockers"] == 0


def test_nobody_accepts_their_own_work_by_an_import(rest: httpx.Client, board_id: int) -> None:
    ids = bring(rest, board_id)["ids"]
    done(rest.put(f"/api/boards/{board_id}", json={"review": True}))
    done(rest.post(f"/api/tickets/{ids['two']}/claim", json={"claimed_by": "importer"}))
    body = {"tickets": [{**ALL[1], "current_column": "Done"}], "imported_by": "importer"}
    done(rest.post(f"/api/tickets/{ids['two']}/move", json={"column": "Not Started", "moved_by": "importer"}))
    problem(rest.post(f"/api/boards/{board_id}/import", json=body), "review-required")


def test_what_ends_above_a_limit_is_reported(rest: httpx.Client, board_id: int) -> None:
    done(rest.patch(f"/api/boards/{board_id}/columns/2", json={"limit": 1}))
    tickets = [{"source_id": str(n), "title": str(n), "current_column": "In Progress"} for n in range(3)]
    answer = bring(rest, board_id, tickets[0])
    assert (answer["created"], answer["over_limits"]) == (1, 0)
    answer = bring(rest, board_id, *tickets[1:])
    assert (answer["created"], answer["over_limits"]) == (2, 1)
    assert reports(answer, "over-limit") == [{"kind": "over-limit", "column": "In Progress", "limit": 1, "count": 3}]
    assert bring(rest, board_id, *tickets)["over_limits"] == 0, "nothing was put there"


def test_names_that_could_not_be_linked_are_named_with_the_reason(rest: httpx.Client, board_id: int) -> None:
    tickets = [
        {"source_id": "a", "title": "a", "blocked_by_sources": ["b", "gone"], "parent_source": "nowhere"},
        {"source_id": "b", "title": "b", "blocked_by_sources": ["a"]},
    ]
    for _ in range(2):
        answer = bring(rest, board_id, *tickets)
        named = [
            (one["source_id"], one["fields"][0], one["value"], one["reason"])
            for one in reports(answer, "not-understood")
        ]
        assert sorted(named) == [
            ("a", "blocked_by_sources", "gone", "missing"),
            ("a", "parent_source", "nowhere", "missing"),
            ("b", "blocked_by_sources", "a", "cycle"),
        ]
        assert answer["not_understood"] == 3


def test_a_ticket_without_a_base_gets_it_from_the_file_at_hand_and_changes_in_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0004", path)  # the last one without users
    with closing(sqlite3.connect(path)) as old, old:
        board, id = old.execute("SELECT board_id, id FROM tickets ORDER BY id LIMIT 1").fetchone()
        old.execute("UPDATE tickets SET source_id = 'old', title = 'Mine' WHERE id = ?", (id,))
    ticket = {"source_id": "old", "title": "Theirs", "labels": ["x"], "comments": [{"text": "c", "author": "eve"}]}
    with running(str(path)) as server, httpx.Client(base_url=server.url) as rest:
        seq = newest(rest, board)
        answer = bring(rest, board, ticket)
        assert (answer["unchanged"], answer["reports"], newest(rest, board)) == (1, [], seq)
        assert bring(rest, board, {**ticket, "title": "Theirs again"})["conflicts"] == 1
        answer = bring(rest, board, {**ticket, "labels": ["x", "y"]})
        assert (answer["updated"], answer["conflicts"]) == (1, 0)
        assert ticket_of(rest, id)["title"] == "Mine"


def test_a_ticket_without_a_base_keeps_the_comments_of_others_whatever_changes_at_the_source(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    dumps.load("0004", path)
    with closing(sqlite3.connect(path)) as old, old:
        board, id = old.execute("SELECT board_id, id FROM tickets ORDER BY id LIMIT 1").fetchone()
        old.execute("UPDATE tickets SET source_id = 'old' WHERE id = ?", (id,))
        old.execute("DELETE FROM comments")
        old.executemany(
            "INSERT INTO comments (ticket_id, board_id, text, author, created_at)"
            f" VALUES ({id}, {board}, ?, ?, '2026-01-01T00:00:00.000000Z')",
            [("mine", "mia"), ("known", "eve")],
        )

    def comments(*texts: str) -> list[Json]:
        return [{"text": text, "author": "eve", "created_at": f"2026-01-0{n}"} for n, text in enumerate(texts, 1)]

    with running(str(path)) as server, httpx.Client(base_url=server.url) as rest:
        ticket = {"source_id": "old", "title": "t"}
        bring(rest, board, {**ticket, "comments": comments("not here", "known")})
        bring(rest, board, {**ticket, "comments": comments("edited", "known, edited")}, prefer="source")
        texts = [one["text"] for one in done(rest.get(f"/api/comments/ticket/{id}"))]
        assert texts == ["mine", "known, edited"]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def guarded(request: pytest.FixtureRequest, databases: Databases) -> Guarded:
    """A server with users, over either database."""
    return databases.guarded(request.param, request.config)


def test_admins_of_the_board_import_and_others_do_not(guarded: Guarded) -> None:
    boss, mia, vic, out = (guarded.person(f"{name}-of-imports") for name in ("boss", "mia", "vic", "out"))
    board = guarded.board(boss)
    guarded.member(boss, board, "mia-of-imports")
    guarded.member(boss, board, "vic-of-imports", "viewer")
    tokens = {
        "agent of a member": guarded.agent(mia, "bot-of-imports"),
        "member": mia,
        "viewer": vic,
        "outsider": out,
        "narrowed": guarded.token(boss, access="read"),
    }
    path = f"/api/boards/{board}/import"
    ticket = {"source_id": "a", "title": "a"}
    for who, token in tokens.items():
        refused = guarded.ask(token, "POST", path, {"tickets": [ticket]})
        assert refused.status_code == (404 if who == "outsider" else 403), who
    for token, outcome in ((boss, "created"), (guarded.root, "unchanged")):
        assert guarded.done(token, "POST", path, {"tickets": [ticket]})[outcome] == 1
    id = guarded.done(boss, "POST", path, {"tickets": [ticket]})["ids"]["a"]
    guarded.done(mia, "POST", f"/api/tickets/{id}/claim", {})
    changed = {"tickets": [{**ticket, "title": "b"}]}
    held = guarded.done(boss, "POST", path, changed)
    assert (held["held"], held["reports"][0]["held_by"]) == (1, "mia-of-imports")
    assert guarded.done(boss, "POST", path, {**changed, "force": True})["updated"] == 1
