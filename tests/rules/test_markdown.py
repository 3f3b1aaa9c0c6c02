"""Borders of the reader of Markdown; `tests/web/test_markdown.py` has what texts become."""

from __future__ import annotations

import pytest

from kanban_server.rules.markdown.parser import parse_markdown


@pytest.mark.parametrize("around", ["", "> ", "> > ", "1. > "])
def test_what_is_too_deep_is_shown_as_it_was_written_whatever_it_is_made_of(around: str) -> None:
    assert parse_markdown(around + "- " * 30 + "x") == [{"tag": "pre", "children": [around + "- " * 30 + "x"]}]
    assert parse_markdown(around + "- " * 5 + "x") != [{"tag": "pre", "children": [around + "- " * 5 + "x"]}]


def test_what_only_looks_like_an_address_stays_text() -> None:
    assert parse_markdown("see http://[::1 there") == [{"tag": "p", "children": ["see http://[::1 there"]}]


def test_an_address_ends_before_the_stops_of_its_sentence() -> None:
    link = {"tag": "a", "attrs": {"href": "https://x.y/a", "rel": "noopener nofollow"}, "children": ["https://x.y/a"]}
    assert parse_markdown("(https://x.y/a).") == [{"tag": "p", "children": ["(", link, ")."]}]
    assert parse_markdown("https://x.y/a") == [{"tag": "p", "children": [link]}]


def test_only_files_of_tickets_are_shown_as_pictures() -> None:
    address = "/api/tickets/12/files/a%20b.png"
    shown = {"tag": "img", "attrs": {"src": address, "alt": "a"}, "children": []}
    assert parse_markdown(f"![a]({address})") == [{"tag": "p", "children": [shown]}]
    link = {"tag": "a", "attrs": {"href": address}, "children": ["a"]}
    assert parse_markdown(f"[a]({address})") == [{"tag": "p", "children": [link]}]
    for other in (
        "/api/tickets/12",
        f"{address}?x",
        "/api/tickets/1/files/../../boards",
        "files/a.png",
        "//e.example/a",
    ):
        assert parse_markdown(f"![a]({other})") == [{"tag": "p", "children": ["a"]}]
