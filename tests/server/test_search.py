"""Search: one table of cases, the same on both databases. Every word begins a word of the ticket."""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import done, new_board, new_ticket, titles

CORPUS = {
    "Login page breaks": {"description": "The café's door opens twice.", "acceptance_criteria": "Both sessions end."},
    "Straße überqueren": {"description": "ÀÉÎÕÜ and İstanbul; naïve façade"},
    "Fix SQL-injection in /api/v2": {"description": 'Robert\'); DROP TABLE students;-- said "quote me"'},
    "日本語 タスク": {"description": "задача Готово"},
    "C++ and C# on .NET 4.5": {"description": "user@example.com, snake_case_name, kebab-case, 100%"},
}

CASES = [
    ("login", ["Login page breaks"]),
    ("LOG", ["Login page breaks"]),
    ("ogin", []),
    ("breaks login", ["Login page breaks"]),
    ("login injection", []),
    ("page caf", ["Login page breaks"]),
    ("café", ["Login page breaks"]),
    ("CAFE", ["Login page breaks"]),
    ("cafe\u0301", ["Login page breaks"]),
    ("sessions", ["Login page breaks"]),
    ("STRASSE", ["Straße überqueren"]),
    ("uberq", ["Straße überqueren"]),
    ("aeiou", ["Straße überqueren"]),
    ("istanbul", ["Straße überqueren"]),
    ("naive facade", ["Straße überqueren"]),
    ("日本語", ["日本語 タスク"]),
    ("タス", ["日本語 タスク"]),
    ("ЗАДАЧА готово", ["日本語 タスク"]),
    ("sql injection", ["Fix SQL-injection in /api/v2"]),
    ("sql-injection", ["Fix SQL-injection in /api/v2"]),
    ("api/v2", ["Fix SQL-injection in /api/v2"]),
    ('"quote me"', ["Fix SQL-injection in /api/v2"]),
    ('"me quote"', ["Fix SQL-injection in /api/v2"]),
    ('"', []),
    ("'); DROP TABLE students;--", ["Fix SQL-injection in /api/v2"]),
    ("fix OR login", []),
    ("login AND page", []),
    ("NOT login", []),
    ("login*", ["Login page breaks"]),
    ("login:*", ["Login page breaks"]),
    ("words:login", []),
    ("^login", ["Login page breaks"]),
    ("login & page | fix", []),
    ("!login", ["Login page breaks"]),
    ("NEAR(login page, 2)", []),
    ("(login", ["Login page breaks"]),
    ("{login}", ["Login page breaks"]),
    ("-login", ["Login page breaks"]),
    ("lo%in", []),
    ("log_n", []),
    ("c++", ["Login page breaks", "C++ and C# on .NET 4.5"]),
    ("4.5", ["C++ and C# on .NET 4.5"]),
    ("user@example.com", ["C++ and C# on .NET 4.5"]),
    ("case name", ["C++ and C# on .NET 4.5"]),
    ("snake_case", ["C++ and C# on .NET 4.5"]),
    ("100%", ["C++ and C# on .NET 4.5"]),
    ("!!! ... ???", []),
    ("🐍", []),
    ("\\", []),
    ("login\\", ["Login page breaks"]),
    ("login 🐍", ["Login page breaks"]),
]


@pytest.fixture(scope="session")
def corpus(rest: httpx.Client) -> int:
    board_id = int(new_board(rest, "To be searched")["id"])
    for title, fields in CORPUS.items():
        new_ticket(rest, board_id, title, **fields)
    return board_id


@pytest.mark.parametrize(("search", "found"), CASES)
def test_search_finds(rest: httpx.Client, corpus: int, search: str, found: list[str]) -> None:
    assert titles(rest, corpus, search=search) == found


def test_no_search_is_no_filter(rest: httpx.Client, corpus: int) -> None:
    assert titles(rest, corpus, search="") == titles(rest, corpus) == list(CORPUS)


def test_search_looks_into_comments_as_they_are_now(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Quiet")
    written = rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "zebra", "author": "ada"}).json()
    path = f"/api/comments/{written['id']}"
    assert titles(rest, board_id, search="quiet zeb") == ["Quiet"]
    done(rest.put(path, json={"text": "okapi", "author": "ada"}))
    assert (titles(rest, board_id, search="zebra"), titles(rest, board_id, search="okapi")) == ([], ["Quiet"])
    done(rest.delete(path, params={"deleted_by": "ada"}))
    assert titles(rest, board_id, search="okapi") == []


def test_search_looks_into_texts_as_they_are_now(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "First", description="alpha", acceptance_criteria="beta")
    path = f"/api/tickets/{ticket['id']}"
    rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "delta"})
    done(rest.patch(path, json={"title": "Second", "description": "gamma"}))
    done(rest.post(f"{path}/append", json={"text": "epsilon"}))
    assert titles(rest, board_id, search="second gamma beta delta epsilon") == ["Second"]
    assert titles(rest, board_id, search="first") == titles(rest, board_id, search="alpha") == []


def test_search_keeps_to_its_board(rest: httpx.Client, board_id: int) -> None:
    new_ticket(rest, board_id, "unmistakable")
    other = new_board(rest)
    assert titles(rest, other["id"], search="unmistakable") == []


def test_search_goes_with_the_other_filters(rest: httpx.Client, board_id: int) -> None:
    new_ticket(rest, board_id, "apple one", labels=["red"], assignee="ada")
    new_ticket(rest, board_id, "apple two", labels=["red"], current_column="Done")
    new_ticket(rest, board_id, "pear", labels=["red"], assignee="ada")
    assert titles(rest, board_id, search="apple", label="red", assignee="ada") == ["apple one"]
    assert titles(rest, board_id, search="apple", column="done") == ["apple two"]
    assert titles(rest, board_id, search="apple", assignee="") == ["apple two"]


def test_long_words_and_long_texts_are_found(rest: httpx.Client, board_id: int) -> None:
    longest = "x" * 5000
    new_ticket(rest, board_id, "Long", description=" ".join(f"word{n}" for n in range(7000)) + " last")
    new_ticket(rest, board_id, "Wide", description=longest)
    assert titles(rest, board_id, search="word6999 last") == ["Long"]
    assert titles(rest, board_id, search=longest[:200]) == ["Wide"]
