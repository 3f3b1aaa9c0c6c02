"""Fractional order: a ticket's place is a text that sorts bytewise between its neighbours' places."""

from __future__ import annotations

from fractional_indexing import generate_key_between, generate_n_keys_between

MAX_PLACE_LENGTH = 64
"""Maximum characters of a place; a longer one causes its column to be renumbered."""


def place_between(before: str | None, after: str | None) -> str:
    """A place between the places `before` and `after`; None means the column's end."""
    return str(generate_key_between(before, after))


def consecutive_places(count: int, behind: str | None = None) -> list[str]:
    """Places for so many tickets, in order, after the place `behind`."""
    return [str(place) for place in generate_n_keys_between(behind, None, count)]
