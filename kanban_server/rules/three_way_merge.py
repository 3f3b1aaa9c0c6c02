"""Three-way comparison of values: as last imported (`base`), as it is here, and as its source has it now.

A base is stored as digests: only equality matters, and so a text that is redacted on the board is not stored elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Literal, TypeVar

import orjson

T = TypeVar("T")
ABSENT = ""
"""The digest of an absent value."""
Verdict = Literal["unchanged", "take", "same", "conflict"]
"""Unchanged at the source · changed there only · changed there to what is here · changed on both sides."""


def digest(value: object) -> str:
    """A digest that distinguishes JSON values."""
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=9).hexdigest()


def digests(values: Iterable[object]) -> list[str]:
    """The digest of each value."""
    return [digest(value) for value in values]


def compare(base: str, current: str, source: str) -> Verdict:
    """Compare the digests of three versions of a value."""
    if source == base:
        return "unchanged"
    if source == current:
        return "same"
    return "take" if current == base else "conflict"


def merge_lists(
    base: Collection[str], current: Sequence[T], source: Sequence[T], key: Callable[[T], object]
) -> list[T]:
    """The current list without what was removed at the source since, and with what was added there; `base` are digests.

    There are no conflicts: for any element, if both sides changed it, they made the same change.
    """
    base_digests, source_digests = set(base), set(digests(map(key, source)))
    kept_items = [
        item for item in current if digest(key(item)) in source_digests or digest(key(item)) not in base_digests
    ]
    current_digests = set(digests(map(key, current)))
    return kept_items + [item for item in source if digest(key(item)) not in base_digests | current_digests]


def merge_objects(
    base: Mapping[str, str], current: Mapping[str, object], source: Mapping[str, object], *, prefer_source: bool
) -> tuple[dict[str, object], list[str]]:
    """An object merged key by key, and the keys in conflict; `base` has digests of values by digests of keys."""
    merged = dict(current)
    conflicts = []
    for name in {**current, **source}:
        versions = (digest(values[name]) if name in values else ABSENT for values in (current, source))
        verdict = compare(base.get(digest(name), ABSENT), *versions)
        if verdict == "conflict":
            conflicts.append(name)
        if verdict == "take" or (verdict == "conflict" and prefer_source):
            if name in source:
                merged[name] = source[name]
            else:
                del merged[name]
    return merged, conflicts


def digest_object(values: Mapping[str, object]) -> dict[str, str]:
    """An object in the form that a base stores."""
    return {digest(name): digest(value) for name, value in values.items()}
