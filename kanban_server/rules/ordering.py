"""Fractional order: a ticket's place is a text that sorts between its neighbours' places, byte by byte."""

from __future__ import annotations

from fractional_indexing import generate_key_between, generate_n_keys_between

MAX_PLACE_LENGTH = 64
"""A longer place renumbers its column."""


def place_between(before: str | None, after: str | None) -> str:
    """A place behind `before` and ahead of `after`; None is the column's end."""
    return str(generate_key_between(before, after))


def consecutive_places(count: int, behind: str | None = None) -> list[str]:
    """Places for so many tickets, one behind the other."""
    return [str(place) for place in generate_n_keys_between(behind, None, count)]
