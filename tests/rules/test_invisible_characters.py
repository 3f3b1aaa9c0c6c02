"""Which characters are invisible, and how they are displayed."""

from __future__ import annotations

import pytest

from kanban_sdk.wire.invisible_characters import escaped, invisible

RANGES = {
    "soft hyphen": (0x00AD, 0x00AD),
    "Arabic letter mark": (0x061C, 0x061C),
    "Hangul fillers": (0x115F, 0x1160),
    "Mongolian vowel separator": (0x180E, 0x180E),
    "zero width space": (0x200B, 0x200B),
    "direction marks": (0x200E, 0x200F),
    "line separators and embeddings": (0x2028, 0x202E),
    "word joiner and isolates": (0x2060, 0x206F),
    "Hangul filler": (0x3164, 0x3164),
    "byte order mark": (0xFEFF, 0xFEFF),
    "halfwidth Hangul filler": (0xFFA0, 0xFFA0),
    "interlinear annotations": (0xFFF9, 0xFFFB),
    "shorthand controls": (0x1BCA0, 0x1BCA3),
    "musical controls": (0x1D173, 0x1D17A),
    "tags": (0xE0000, 0xE0FFF),
}


@pytest.mark.parametrize(("first", "last"), RANGES.values(), ids=RANGES)
def test_a_range_is_invisible_from_its_first_to_its_last_character(first: int, last: int) -> None:
    assert [invisible(chr(number)) for number in (first - 1, first, last, last + 1)] == [False, True, True, False]


def test_the_joiners_of_persian_and_emoji_are_shown() -> None:
    assert not invisible("\u200c")
    assert not invisible("\u200d")


def test_a_character_is_escaped_with_four_digits_or_eight() -> None:
    assert escaped("\u202e") == "\\u202e"
    assert escaped("\U000e0041") == "\\U000e0041"
