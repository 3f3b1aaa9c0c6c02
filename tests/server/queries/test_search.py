"""Search: one table of cases, the same on both databases. Every word begins a word of the ticket.

Scripts without spaces have no words: a query is found within their text, as pairs of letters.
"""

from __future__ import annotations

import httpx
import pytest

from tests.server.rest import Json, done, new_board, new_ticket, problem, titles

CORPUS = {
    "Login page breaks": {"description": "The café's door opens twice.", "acceptance_criteria": "Both sessions end."},
    "Straße überqueren": {"description": "ÀÉÎÕÜ and İstanbul; naïve façade"},
    "Fix SQL-injection in /api/v2": {"description": 'Robert\'); DROP TABLE students;-- said "quote me"'},
    "日本語 タスク": {"description": "задача Готово"},
    "C++ and C# on .NET 4.5": {"description": "user@example.com, snake_case_name, kebab-case, 100%"},
    "修复登录页面": {"description": "用户无法登出。版本2的API返回空"},
    "修正：ログインできない": {"description": "サーバーが落ちた。ﾊﾟｽﾜｰﾄﾞ"},
    "แก้ไขหน้าเข้าสู่ระบบ": {"description": "ผู้ใช้"},
    "로그인 페이지": {"description": "हिन्दी में खोज और خَبَر"},
    "🚀 Ship it 👍🏽": {"description": "👩\u200d💻 works in 🇩🇪, costs 5€ → done ✅, ❤️ and 1️⃣"},
    "Compile with g++ and clang++": {"description": "std=c++17, F#, a soft\u00adhyphen, ½ of ①, ｗｉｄｅ, H₂O"},
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
    ("スク", ["日本語 タスク"]),
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
    ("c++", ["C++ and C# on .NET 4.5", "Compile with g++ and clang++"]),
    ("C++", ["C++ and C# on .NET 4.5", "Compile with g++ and clang++"]),
    ("c+", ["C++ and C# on .NET 4.5", "Compile with g++ and clang++"]),
    ("c++17", ["Compile with g++ and clang++"]),
    ("g++", ["Compile with g++ and clang++"]),
    ("clang", ["Compile with g++ and clang++"]),
    ("C#", ["C++ and C# on .NET 4.5"]),
    ("c＃", ["C++ and C# on .NET 4.5"]),
    ("f#", ["Compile with g++ and clang++"]),
    ("net#", []),
    ("login+", []),
    ("login +", ["Login page breaks"]),
    ("#login", ["Login page breaks"]),
    ("++", []),
    ("4.5", ["C++ and C# on .NET 4.5"]),
    ("user@example.com", ["C++ and C# on .NET 4.5"]),
    ("case name", ["C++ and C# on .NET 4.5"]),
    ("snake_case", ["C++ and C# on .NET 4.5"]),
    ("100%", ["C++ and C# on .NET 4.5"]),
    ("!!! ... ???", []),
    ("🐍", []),
    ("\\", []),
    ("login\\", ["Login page breaks"]),
    ("login 🐍", []),
    ("登录", ["修复登录页面"]),
    ("录", ["修复登录页面"]),
    ("面", ["修复登录页面"]),
    ("登录页", ["修复登录页面"]),
    ("修复登录页面", ["修复登录页面"]),
    ("页面 修复", ["修复登录页面"]),
    ("登录API", ["修复登录页面"]),
    ("登录 api", ["修复登录页面"]),
    ("版本2的api返回", ["修复登录页面"]),
    ("api", ["Fix SQL-injection in /api/v2", "修复登录页面"]),
    ("录登", []),
    ("登面", []),
    ("登錄", []),
    ("ログイン", ["修正：ログインできない"]),
    ("ロクイン", []),
    ("できない", ["修正：ログインできない"]),
    ("サーバー", ["修正：ログインできない"]),
    ("パスワード", ["修正：ログインできない"]),
    ("本語", ["日本語 タスク"]),
    ("語タ", []),
    ("修", ["修复登录页面", "修正：ログインできない"]),
    ("เข้าสู่", ["แก้ไขหน้าเข้าสู่ระบบ"]),
    ("ระบบ", ["แก้ไขหน้าเข้าสู่ระบบ"]),
    ("หน้า", ["แก้ไขหน้าเข้าสู่ระบบ"]),
    ("ผู้ใช้", ["แก้ไขหน้าเข้าสู่ระบบ"]),
    ("หนา", []),
    ("로그", ["로그인 페이지"]),
    ("페이지 로그인", ["로그인 페이지"]),
    ("हिन्दी", ["로그인 페이지"]),
    ("हन", []),
    ("خبر", ["로그인 페이지"]),
    ("🚀", ["🚀 Ship it 👍🏽"]),
    ("ship🚀", ["🚀 Ship it 👍🏽"]),
    ("👍", ["🚀 Ship it 👍🏽"]),
    ("👍🏿", ["🚀 Ship it 👍🏽"]),
    ("👩\u200d💻", ["🚀 Ship it 👍🏽"]),
    ("🇩🇪", ["🚀 Ship it 👍🏽"]),
    ("🇪🇩", []),
    ("❤", ["🚀 Ship it 👍🏽"]),
    ("✅ →", ["🚀 Ship it 👍🏽"]),
    ("5€", ["🚀 Ship it 👍🏽"]),
    ("👎", []),
    ("softhyphen", ["Compile with g++ and clang++"]),
    ("wide h2o", ["Compile with g++ and clang++"]),
]


@pytest.fixture(scope="session")
def corpus(rest: httpx.Client) -> int:
    board_id = int(new_board(rest, "To be searched")["id"])
    for title, fields in CORPUS.items():
        new_ticket(rest, board_id, title, **fields)
    return board_id


@pytest.mark.parametrize(("search", "results"), CASES)
def test_search_finds(rest: httpx.Client, corpus: int, search: str, results: list[str]) -> None:
    assert titles(rest, corpus, search=search) == results


def test_no_search_is_no_filter(rest: httpx.Client, corpus: int) -> None:
    assert titles(rest, corpus, search="") == titles(rest, corpus) == list(CORPUS)


def test_search_looks_into_comments_as_they_are_now(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "Quiet")
    comment = rest.post("/api/comments/", json={"ticket_id": ticket["id"], "text": "zebra", "author": "ada"}).json()
    path = f"/api/comments/{comment['id']}"
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


def test_no_word_of_a_redacted_or_deleted_text_is_found(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, "钥匙是秘密密码 C++", description="🔑 密码学")
    path = f"/api/tickets/{ticket['id']}"
    for results in ("秘密", "密码", "c++", "🔑"):
        assert titles(rest, board_id, search=results) == [ticket["title"]]
    done(rest.post(f"{path}/redact", json={"text": "秘密密码 C++"}))
    for gone in ("秘密", "是秘", "c++"):
        assert titles(rest, board_id, search=gone) == []
    for kept in ("密码", "钥匙", "🔑"):
        assert titles(rest, board_id, search=kept) == ["钥匙是***"]
    done(rest.delete(path))
    for gone in ("密码", "钥匙", "🔑"):
        assert titles(rest, board_id, search=gone) == []


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


def search_all(rest: httpx.Client, q: str, **query: str | int) -> Json:
    page: Json = done(rest.get("/api/search", params={"q": q, **query}))
    return page


def test_all_boards_are_searched_and_each_result_bears_its_board(rest: httpx.Client, board_id: int) -> None:
    other = new_board(rest, "另一个")
    one = new_ticket(rest, board_id, "everywhere 登录")
    two = new_ticket(rest, other["id"], "登录 everywhere", current_column="Done")
    deleted, _ = (new_ticket(rest, board_id, "登录 everywhere", current_column="Done") for _ in range(2))
    done(rest.delete(f"/api/tickets/{deleted['id']}"))
    assert done(rest.post(f"/api/boards/{board_id}/archive", json={"days": 0}))["archived"] == 1
    results = search_all(rest, "登录 everywh")
    assert [(item["id"], item["board_id"], item["board_name"]) for item in results["items"]] == [
        (two["id"], other["id"], "另一个"),
        (one["id"], board_id, done(rest.get(f"/api/boards/{board_id}"))["name"]),
    ]
    assert {name: value for name, value in results["items"][0].items() if name != "board_name"} == {
        name: value for name, value in two.items() if name in results["items"][0]
    }
    assert results["cursor"] is None
    done(rest.delete(f"/api/boards/{other['id']}"))
    assert [item["id"] for item in search_all(rest, "登录 everywh")["items"]] == [one["id"]]


def test_pages_of_a_search_have_each_ticket_once(rest: httpx.Client, board_id: int) -> None:
    word = f"paged{board_id}"
    ids = [new_ticket(rest, board_id, word)["id"] for _ in range(5)]
    first = search_all(rest, word, limit=2)
    new_ticket(rest, board_id, word)
    second = search_all(rest, word, limit=2, cursor=first["cursor"])
    last = search_all(rest, word, limit=2, cursor=second["cursor"])
    pages = [[item["id"] for item in page["items"]] for page in (first, second, last)]
    assert pages == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert last["cursor"] is None


def test_a_search_of_all_boards_refuses_what_it_does_not_know(rest: httpx.Client) -> None:
    problem(rest.get("/api/search", params={"q": "a", "cursor": "x"}), "invalid-cursor")
    problem(rest.get("/api/search", params={"q": "a", "cursor": "9" * 20}), "invalid-cursor")
    problem(rest.get("/api/search"), "invalid-request")
    problem(rest.get("/api/search", params={"q": "x" * 201}), "invalid-request")
    problem(rest.get("/api/search", params={"q": "a", "limit": 501}), "invalid-request")
    problem(rest.get("/api/search", params={"q": "a", "label": "b"}), "unknown-field")
    assert search_all(rest, "!!!") == {"items": [], "cursor": None}
