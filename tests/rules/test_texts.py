"""Titles, texts, labels, names, links and mentions at their limits: the longest passes, one more is refused."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from kanban_sdk.wire import limits
from kanban_server.rules import actors, avatars, links, priorities, redaction, validation
from kanban_server.rules.actors import Actor
from kanban_server.rules.markdown import mentions
from tests.rules.refusing import refusal


def test_a_title_is_one_line_and_at_most_as_long_as_the_limit() -> None:
    assert validation.check_title("  a\n\tb  c ") == "a b c"
    assert validation.check_title("x" * limits.TITLE_CHARACTERS)
    refused = refusal(validation.check_title, "x" * (limits.TITLE_CHARACTERS + 1))
    assert refused.type == "title-too-long"
    assert refused.facts == {"limit": limits.TITLE_CHARACTERS, "length": limits.TITLE_CHARACTERS + 1}
    assert refusal(validation.check_title, " \n").type == "invalid-name"
    assert refusal(validation.check_title, "a\x07b").type == "invalid-name"


def test_a_long_text_is_kept_as_it_was_sent_and_counted_in_bytes() -> None:
    assert validation.check_text(None) is None
    assert validation.check_text("") == ""
    assert validation.check_text(" as\r\nit was ") == " as\r\nit was "
    assert validation.check_text("é" * (limits.TEXT_BYTES // 2))
    refused = refusal(validation.check_text, "é" * (limits.TEXT_BYTES // 2) + "x", "note")
    assert refused.type == "text-too-long"
    assert refused.facts == {"field": "note", "limit": limits.TEXT_BYTES, "size": limits.TEXT_BYTES + 1}
    assert refusal(validation.check_text, "a\0b").facts == {"field": "description"}


def test_a_comment_says_something() -> None:
    assert validation.check_comment(" hello ") == " hello "
    assert refusal(validation.check_comment, " \n").facts == {"field": "text"}
    assert refusal(validation.check_comment, "a\0").facts == {"field": "comment"}


def test_labels_stand_once_each_in_the_order_given() -> None:
    assert validation.check_labels(["b", " a ", "b"]) == ["b", "a"]
    most = [f"l{n}" for n in range(limits.LABELS)]
    assert validation.check_labels([*most, "l0"]) == most
    refused = refusal(validation.check_labels, [*most, "one more"])
    assert (refused.type, refused.facts) == ("invalid-request", {"limit": limits.LABELS})
    assert validation.check_labels(["x" * limits.LABEL_CHARACTERS])
    assert refusal(validation.check_labels, ["x" * (limits.LABEL_CHARACTERS + 1)]).type == "invalid-name"


def test_a_source_id_is_kept_as_it_is_or_refused() -> None:
    assert validation.check_source_id(" a ") == " a "
    assert refusal(validation.check_source_id, "a\nb").type == "invalid-name"


def deep(levels: int, kind: str) -> dict[str, Any]:
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner] if kind == "list" else {"x": inner}
    return {"a": inner}


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_extra_may_be_as_deep_as_the_limit(kind: str) -> None:
    assert validation.check_extra(None) is None
    assert validation.check_extra({}) is None
    assert validation.check_extra({"a": [{"b": "text"}, 1, None]}) == {"a": [{"b": "text"}, 1, None]}
    assert validation.check_extra(deep(validation.MAX_EXTRA_DEPTH, kind))
    assert refusal(validation.check_extra, deep(validation.MAX_EXTRA_DEPTH + 1, kind)).facts == {
        "field": "extra",
        "limit": validation.MAX_EXTRA_DEPTH,
    }
    assert validation.MAX_EXTRA_DEPTH == 100


def test_what_misleads_is_made_visible_and_lines_stay() -> None:
    assert validation.escape_control_characters("plain") == "plain"
    assert validation.escape_control_characters("two\nlines\tand é") == "two\nlines\tand é"
    assert validation.escape_control_characters("\x1b[31m\u202e\x7f") == "\\u001b[31m\\u202e\\u007f"


def test_a_name_is_trimmed_composed_and_within_its_limit() -> None:
    assert actors.check_user_name(" a\u0301da ") == unicodedata.normalize("NFC", "a\u0301da")
    assert actors.check_user_name("x" * limits.USER_NAME_CHARACTERS)
    too_long = refusal(actors.check_user_name, "x" * (limits.USER_NAME_CHARACTERS + 1))
    assert (too_long.type, too_long.facts) == ("invalid-name", {"limit": limits.USER_NAME_CHARACTERS})
    assert "65" in too_long.detail
    assert refusal(actors.check_user_name, "  ").type == "invalid-name"
    assert refusal(actors.check_user_name, "a\u2028b").type == "invalid-name"
    for reserved in ("anonymous", "system"):
        assert refusal(actors.check_user_name, reserved).facts == {"name": reserved}
    assert actors.has_control_characters("a\tb")
    assert not actors.has_control_characters("a\tb", allowed="\t")
    assert not actors.has_control_characters("a b")


def test_blank_is_nobody_and_what_was_elsewhere_may_be_anybody() -> None:
    assert [actors.check_assignee(text) for text in (None, "", "  ", " ada ")] == [None, None, None, "ada"]
    assert refusal(actors.check_assignee, "system").type == "reserved-name"
    assert [actors.imported_name(text, "other") for text in (None, "", " ", " system ")] == ["other"] * 3 + ["system"]


def test_an_actor_is_called_what_it_was_and_forces_when_somebody_says_so() -> None:
    actor = Actor("ada", former_names=("adele",))
    assert (actor.names, actor.is_named, actor.force) == (("ada", "adele"), True, False)
    assert actor.with_force(True).force
    assert actor.with_force(False) is actor
    forced = actor.with_force(True)
    assert forced.with_force(False) is forced
    assert forced.with_force(True) is forced
    assert not actors.ANONYMOUS_ACTOR.is_named
    assert actors.SYSTEM_ACTOR.is_named


def test_a_priority_is_a_word_or_a_dotted_number_and_sorts_by_its_parts() -> None:
    assert [priorities.check_priority(text) for text in (None, "urgent", "low", "1.0.1")] == [
        "medium",
        "critical",
        "low",
        "1.0.1",
    ]
    digits, parts = limits.PRIORITY_DIGITS, limits.PRIORITY_PARTS
    assert priorities.check_priority(".".join(["9" * digits] * parts))
    for odd in ("9" * (digits + 1), ".".join(["1"] * (parts + 1)), "1.", ".1", "High", "", "1\n"):
        assert refusal(priorities.check_priority, odd).facts == {"priorities": ["critical", "high", "medium", "low"]}
    in_order = ["critical", "0.5", "high", "1.0.1", "1.2", "1.10", "medium", "low", "10"]
    assert sorted(sorted(in_order), key=priorities.sort_key) == in_order


def test_whom_a_comment_calls_upon() -> None:
    assert mentions.find_mentions('@bob, @eve. and @"two words" @bob a@b.c @system @x/y-z_1') == [
        "bob",
        "eve",
        "two words",
        "x/y-z_1",
    ]
    most = [f"u{n}" for n in range(limits.MENTIONS)]
    assert mentions.find_mentions(" ".join(f"@{name}" for name in [*most, "more"])) == most
    assert mentions.find_mentions(f"@{'x' * limits.USER_NAME_CHARACTERS}")
    assert mentions.find_mentions(f'@{"x" * (limits.USER_NAME_CHARACTERS + 1)} @"  "') == []


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("0123abc", "commit"),
        ("f" * 64, "commit"),
        ("https://git.example/o/r/commit/0123abc", "commit"),
        ("https://git.example/o/r/commits/0123abc/files", "commit"),
        ("https://git.example/o/r/pull/7", "pull-request"),
        ("https://git.example/o/r/merge_requests/7/diffs?x=1", "pull-request"),
        ("https://git.example/o/r/pulls", "url"),
        ("HTTP://git.example/?q=/pull/7", "url"),
        ("http://example", "url"),
    ],
)
def test_a_links_kind_is_inferred(ref: str, kind: str) -> None:
    assert (links.parse_link(f" {ref} ").kind, links.parse_link(ref).ref) == (kind, ref)


def test_what_is_no_link_is_refused_and_links_stand_once() -> None:
    for odd in ("nonsense", "0123ab", "f" * 65, "ftp://x", "https://", "https://a b", "https://a/\x07"):
        assert refusal(links.parse_link, odd).facts == {"field": "add"}
    longest = "https://example/".ljust(limits.LINK_CHARACTERS, "x")
    assert links.parse_link(longest).ref == longest
    assert refusal(links.parse_link, longest + "x").facts == {"field": "add", "limit": limits.LINK_CHARACTERS}
    most = [f"https://example/{n}" for n in range(limits.LINKS)]
    assert [link.ref for link in links.parse_links([*most, most[0]])] == most
    assert refusal(links.parse_links, [*most, "https://example/more"]).facts == {"limit": limits.LINKS}


def test_an_image_is_told_by_its_first_bytes() -> None:
    assert avatars.detect_media_type(b"\x89PNG\r\n\x1a\nrest") == "image/png"
    assert avatars.detect_media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert avatars.detect_media_type(b"GIF87a") == avatars.detect_media_type(b"GIF89a.") == "image/gif"
    assert avatars.detect_media_type(b"RIFF1234WEBPVP8 ") == "image/webp"
    for odd in (b"", b"<svg/>", b"RIFF1234WAVE", b"RIFX1234WEBP", b"1RIFF234WEBP", b"RIFF12345WEBP"):
        assert refusal(avatars.detect_media_type, odd).type == "invalid-image"
    largest = b"GIF89a".ljust(limits.AVATAR_BYTES, b".")
    assert avatars.detect_media_type(largest) == "image/gif"
    assert refusal(avatars.detect_media_type, largest + b".").facts == {
        "limit": limits.AVATAR_BYTES,
        "size": limits.AVATAR_BYTES + 1,
    }


def test_a_text_is_taken_out_where_people_write_and_nowhere_else() -> None:
    value = {
        "title": "the s3cret here",
        "author": "s3cret",
        "labels": ["s3cret", "other"],
        "deep": [{"text": "s3crets3cret", "id": 7}],
        "extra": {"s3cret": {"x": ["s3cret", 1]}, "parent_source": "s3cret"},
        "source_id": "s3cret",
        "links": [{"kind": "s3cret", "ref": "https://x/s3cret"}],
        "changes": {"links": {"from": [], "to": [{"kind": "url", "ref": "s3cret"}]}, "s3cret": {"from": 1, "to": 2}},
    }
    assert redaction.redact_fields(value, "s3cret", 7) == {
        "title": "the *** here",
        "author": "s3cret",
        "labels": ["***", "other"],
        "deep": [{"text": "******", "id": 7}],
        "extra": {"***": {"x": ["***", 1]}, "parent_source": "***"},
        "source_id": "***-7",
        "links": [{"kind": "s3cret", "ref": "https://x/***"}],
        "changes": {"links": {"from": [], "to": [{"kind": "url", "ref": "***"}]}, "s3cret": {"from": 1, "to": 2}},
    }
    assert redaction.redact_fields({"changes": {"title": {"from": "from it", "to": "to"}}}, "from", 7) == {
        "changes": {"title": {"from": "*** it", "to": "to"}}
    }


@pytest.mark.parametrize(
    ("rule", "shown"),
    [(priorities.check_priority, 80), (links.parse_link, 80)],
)
def test_what_is_refused_is_shown_shortened(rule: Any, shown: int) -> None:
    detail = refusal(rule, "?" * 300).detail
    assert "?" * shown in detail
    assert "?" * (shown + 1) not in detail
