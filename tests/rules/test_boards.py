"""Columns, criteria, places and webhooks: their borders."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import DEFAULT_COLUMNS, Column
from kanban_sdk.wire.tickets import Criteria
from kanban_server.rules import columns, criteria, ordering, problems, webhooks
from kanban_server.secret_generator import generate_webhook_secret
from tests.rules.refusing import refusal

BOARD = [Column(1, "To do", "todo"), Column(4, "Done", "done")]


def test_a_column_is_found_by_its_name_before_its_likeness() -> None:
    alike = [Column(1, "to_do", "todo"), Column(2, "To do", "done")]
    assert columns.find_column(alike, "To do").id == 2
    assert columns.find_column(alike, "TO DO").id == 1
    refused = refusal(columns.find_column, BOARD, "x" * 300)
    assert (refused.type, refused.facts) == ("unknown-column", {"columns": ["To do", "Done"]})
    assert "x" * 80 + "'" in refused.detail


def test_columns_have_names_of_their_own_within_limits() -> None:
    most = [f"c{n}" for n in range(limits.COLUMNS)]
    assert columns.check_column_names([f" {name} " for name in most]) == most
    assert refusal(columns.check_column_names, []).type == "invalid-columns"
    assert refusal(columns.check_column_names, [*most, "more"]).facts == {"limit": limits.COLUMNS}
    assert "'A b' and 'a_B'" in refusal(columns.check_column_names, ["A b", "a_B"]).detail
    assert columns.check_column_names(["x" * limits.COLUMN_NAME_CHARACTERS])
    assert refusal(columns.check_column_names, ["x" * (limits.COLUMN_NAME_CHARACTERS + 1)]).type == "invalid-name"


def test_a_new_boards_columns_are_numbered_and_begin_with_todo_and_end_with_done() -> None:
    created = columns.create_columns(["A", "In Progress", "C", "D"])
    assert [column.id for column in created] == [1, 2, 3, 4]
    assert [column.name for column in created] == ["A", "In Progress", "C", "D"]
    assert (created[0].role, created[1].role, created[-1].role) == ("todo", "working", "done")
    assert columns.create_columns(["Only"])[0].role == "todo"


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["Only"], ["todo"]),
        (["Todo", "Done"], ["todo", "done"]),
        ([*DEFAULT_COLUMNS], ["todo", "working", "waiting", "waiting", "done"]),
        (["Backlog", "Doing", "Review", "Done"], ["todo", "working", "waiting", "done"]),
        (["Backlog", "In Review", "WIP", "Done"], ["todo", "waiting", "working", "done"]),
        (["Ideas", "Ready for development", "ACTIVE", "Shipped"], ["todo", "waiting", "working", "done"]),
        (["To Do", "in_progress", "On-Hold", "QA", "Done"], ["todo", "working", "waiting", "waiting", "done"]),
        (["Offen", "In Arbeit", "Prüfung", "Fertig"], ["todo", "working", "waiting", "done"]),
        (["À faire", "En attente", "En cours", "Fini"], ["todo", "waiting", "working", "done"]),
        (["Pendiente", "En curso", "En revisión", "Hecho"], ["todo", "working", "waiting", "done"]),
        (["A fazer", "Em andamento", "Em espera", "Feito"], ["todo", "working", "waiting", "done"]),
        (["Da fare", "In attesa", "In corso", "Fatto"], ["todo", "waiting", "working", "done"]),
        (["Te doen", "Wachtend", "Bezig", "Klaar"], ["todo", "waiting", "working", "done"]),
        (["Do zrobienia", "Weryfikacja", "W toku", "Zrobione"], ["todo", "waiting", "working", "done"]),
        (["Сделать", "На проверке", "В работе", "Готово"], ["todo", "waiting", "working", "done"]),
        (["待办", "待审核", "正在进行中", "完成"], ["todo", "waiting", "working", "done"]),
        (["未着手", "レビュー待ち", "進行中", "完了"], ["todo", "waiting", "working", "done"]),
        (["할 일", "검토", "진행 중", "완료"], ["todo", "waiting", "working", "done"]),
        (["A", "B", "C", "D"], ["todo", "working", "waiting", "done"]),
        (["A", "Review", "D"], ["todo", "working", "done"]),
        (["A", "Wiping", "Doing", "D"], ["todo", "waiting", "working", "done"]),
    ],
)
def test_a_new_boards_columns_get_the_roles_that_their_names_say(names: list[str], roles: list[str]) -> None:
    assert [column.role for column in columns.create_columns(names)] == roles


def test_a_new_column_is_working_by_its_name_or_where_no_other_is() -> None:
    arranged = columns.arrange_columns(BOARD, ["To do", "Build", "Doing", "Done"], 5)
    assert [column.role for column in arranged] == ["todo", "waiting", "working", "done"]
    assert [column.role for column in columns.arrange_columns(arranged, ["To do", "New", "Doing", "Done"], 9)] == [
        *("todo", "waiting", "working", "done")
    ]
    kept = [Column(1, "A", "todo"), Column(2, "Doing", "waiting"), Column(3, "C", "done")]
    assert columns.arrange_columns(kept, ["A", "Doing", "C"], 4) == kept


def test_columns_that_were_known_stay_as_they_are_set_and_new_ones_get_the_next_ids() -> None:
    arranged = columns.arrange_columns(BOARD, ["DONE", "New", "Newer"], 7)
    assert arranged[0] is BOARD[1]
    assert [(column.id, column.name) for column in arranged[1:]] == [(7, "New"), (8, "Newer")]
    assert arranged[-1].role == "done"


def test_criteria_are_the_lines_that_are_not_blank() -> None:
    assert criteria.count_criteria(None) is None
    assert criteria.count_criteria(" \n ") is None
    assert criteria.count_criteria("one\n\n- [x] two\n1. [X] three\n* [ ] four\n[x]") == Criteria(3, 5)


@pytest.mark.parametrize(
    ("number", "done", "text"),
    [
        (1, True, "- [x] one\n\n  * [x] two"),
        (2, True, "one\n\n  * [x] two"),
        (2, False, "one\n\n  - [ ] two"),
        (1, False, "one\n\n  * [x] two"),
    ],
)
def test_ticking_changes_one_line_and_only_where_it_is_not_so_already(number: int, done: bool, text: str) -> None:
    assert criteria.tick_criterion("one\n\n  * [x] two", number, done=done) == text


def test_there_is_no_criterion_beyond_the_last() -> None:
    refused = refusal(criteria.tick_criterion, "one\n\ntwo", 3, done=True)
    assert (refused.type, refused.facts) == ("not-found", {"what": "criterion", "id": 3})
    assert "has 2 of them" in str(refused.fix)
    assert "has none" in str(refusal(criteria.tick_criterion, None, 1, done=True).fix)


def test_places_sort_between_their_neighbours() -> None:
    first = ordering.place_between(None, None)
    last = ordering.place_between(first, None)
    assert ordering.place_between(None, first) < first < ordering.place_between(first, last) < last
    row = ordering.consecutive_places(3, last)
    assert [last, *row] == sorted({last, *row})
    assert len(row) == 3
    assert ordering.consecutive_places(2) == sorted(ordering.consecutive_places(2))
    assert ordering.MAX_PLACE_LENGTH == 64


def test_a_refusal_is_a_problem_with_its_facts() -> None:
    body = problems.not_found("ticket", 7, fix="Look.").body()
    assert (body["type"], body["status"], body["what"], body["id"], body["fix"]) == (
        "not-found",
        404,
        "ticket",
        7,
        "Look.",
    )
    assert "fix" not in problems.not_found("ticket", 7).body()


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@example.com/",
        "https://example.com/#part",
        "ftp://example.com/",
        "https:///path",
        "https://exä\x07mple.com/",
        "https://example.com:port/",
        "https://[::1/",
        "https://example.com/a b\x07",
        "https://example.com/" + "x" * limits.URL_CHARACTERS,
    ],
)
def test_what_is_no_address_to_post_to_is_refused(url: str) -> None:
    assert refusal(webhooks.check_url, url).type == "webhook-refused"


def test_an_address_is_taken_up_to_the_limit_and_shown_shortened() -> None:
    longest = "https://example.com/".ljust(limits.URL_CHARACTERS, "x")
    assert webhooks.check_url(f" {longest} ") == longest
    assert webhooks.check_url("https://exämple.com/") == "https://xn--exmple-cua.com/"
    assert webhooks.check_url("http://example.com:8080/a?b=c") == "http://example.com:8080/a?b=c"
    assert len(refusal(webhooks.check_url, "?" * 5000).detail) < 130
    assert "?" * 80 in refusal(webhooks.check_url, "?" * 5000).detail


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("2001:4860:4860::8888", True),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a00:1", False),
        ("2002:808:808::1", True),
        ("2002:7f00:1::", False),
    ],
)
def test_only_the_public_network_is_called(address: str, public: bool) -> None:
    assert webhooks.is_public_address(address) == public


@pytest.mark.parametrize(("length", "taken"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_webhooks_key_has_24_to_64_bytes(length: int, taken: bool) -> None:
    secret = webhooks.SECRET_PREFIX + base64.b64encode(bytes(length)).decode()
    if taken:
        assert webhooks.check_secret(secret) == secret
    else:
        assert refusal(webhooks.check_secret, secret).type == "webhook-refused"
    assert refusal(webhooks.check_secret, secret.removeprefix(webhooks.SECRET_PREFIX)).type == "webhook-refused"


def test_what_is_no_base64_is_no_secret() -> None:
    for odd in ("", "?", "é", "A" * 33):
        assert refusal(webhooks.check_secret, webhooks.SECRET_PREFIX + odd).type == "webhook-refused"
    secret = generate_webhook_secret()
    assert webhooks.check_secret(secret) == secret != generate_webhook_secret()
    assert len(base64.b64decode(secret.removeprefix(webhooks.SECRET_PREFIX))) == 32


def test_a_delivery_is_signed_as_standard_webhooks_has_it() -> None:
    key = bytes(range(24))
    secret = webhooks.SECRET_PREFIX + base64.b64encode(key).decode()
    expected = base64.b64encode(hmac.new(key, b"m.7.body", hashlib.sha256).digest()).decode()
    assert webhooks.sign(secret, "m", 7, b"body") == f"v1,{expected}"


@pytest.mark.parametrize(
    ("tries", "ceiling"), [(1, 4.0), (2, 8.0), (3, 16.0), (9, 1024.0), (11, 3600.0), (500, 3600.0)]
)
def test_waits_double_up_to_an_hour(tries: int, ceiling: float) -> None:
    assert webhooks.retry_delay(tries, 4.0, 0.0) == ceiling / 2
    assert webhooks.retry_delay(tries, 4.0, 0.5) == ceiling * 3 / 4
    assert webhooks.retry_delay(tries, 4.0, 1.0) == ceiling


def test_a_small_first_wait_stops_doubling_after_twenty_times() -> None:
    assert [webhooks.retry_delay(tries, 0.001, 1.0) for tries in (20, 21, 22, 5000)] == [
        0.001 * 2**19, 0.001 * 2**20, 0.001 * 2**20, 0.001 * 2**20
    ]  # fmt: skip
    assert {410} == webhooks.GONE_STATUSES
