"""The words that trackers use for states and priorities, and the column that a state belongs to."""

import re
from collections.abc import Sequence
from functools import lru_cache

from kanban_cli.formats.item import Meaning
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, matching

STATUSES: dict[Meaning, tuple[str, ...]] = {
    "todo": (
        *("to do", "todo", "open", "opened", "new", "backlog", "ready", "pending", "draft", "not started", "next"),
        *("unstarted", "triage", "reopened", "planned", "proposed", "selected for development", "inbox", "created"),
    ),
    "working": (
        *("in progress", "inprogress", "doing", "working", "started", "active", "wip", "in development", "ongoing"),
        *("development", "implementing", "work in progress", "hooked", "committed", "now"),
    ),
    "review": (
        *("review", "in review", "inreview", "needs review", "code review", "in code review", "peer review"),
        *("ready for review", "under review", "awaiting review", "to review", "testing", "in testing", "test"),
        *("ready for testing", "ready for test", "qa", "in qa", "ready for qa", "qc", "in qc", "ready for qc"),
        *("verification", "in verification", "to verify", "validation", "uat", "acceptance"),
    ),
    "waiting": (
        *("blocked", "waiting", "on hold", "hold", "paused", "deferred", "postponed", "stalled", "impeded", "pinned"),
        *("waiting for customer", "waiting for support", "waiting for approval", "someday", "wait"),
    ),
    "done": (
        *("done", "closed", "complete", "completed", "finished", "fixed", "merged", "resolved", "released", "shipped"),
        *("deployed", "verified", "archived", "cancelled", "canceled", "won't do", "won't fix", "wontfix"),
        *("duplicate", "rejected", "declined", "abandoned", "removed", "not planned", "invalid", "obsolete", "dropped"),
    ),
}
"""Meaning of a status to the words for it, if no column of the board is named like the status."""
PRIORITIES = {
    "critical": ("critical", "urgent", "blocker", "highest"),
    "high": ("high", "major"),
    "medium": ("medium", "normal", "moderate"),
    "low": ("low", "minor", "trivial", "lowest"),
}
NO_PRIORITY = frozenset({"none", "no priority", "unset", "undefined", "not set"})
"""The words for no priority."""

_SUBSTITUTES: dict[Meaning, Meaning] = {"review": "waiting", "waiting": "review"}
_DIGITS = rf"[0-9]{{1,{limits.PRIORITY_DIGITS}}}"
_DOTTED = re.compile(rf"{_DIGITS}(\.{_DIGITS}){{0,{limits.PRIORITY_PARTS - 1}}}", re.ASCII)
_RANK = re.compile(rf"p?({_DIGITS})", re.ASCII)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_BETWEEN = re.compile(r"[\s_/-]+")


@lru_cache(maxsize=1024)
def _normalize(words: str) -> str:
    """Return words in the form that comparisons use: without case, apostrophes, and signs at the ends."""
    plain = words.casefold().replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    return _BETWEEN.sub(" ", _EDGES.sub("", plain))


_MEANING_BY_STATUS = {_normalize(word): meaning for meaning, words in STATUSES.items() for word in words}
_PRIORITY_BY_WORD = {word: priority for priority, words in PRIORITIES.items() for word in words}


def find_meaning(status: str) -> Meaning | None:
    """Return what a status means; None if its words are unknown."""
    return _MEANING_BY_STATUS.get(_normalize(status))


def match_column(status: str, columns: Sequence[Column]) -> str | None:
    """Return the column for a status: by name, else the first with its meaning; None if there is none."""
    return _match_column(status, tuple(columns))


@lru_cache(maxsize=1024)
def _match_column(status: str, columns: tuple[Column, ...]) -> str | None:
    exact, normalized = matching(status), _normalize(status)
    same_name = [one.name for one in columns if matching(one.name) == exact]
    same_name += [one.name for one in columns if normalized and _normalize(one.name) == normalized]
    meaning = find_meaning(status)
    return same_name[0] if same_name else column_for_meaning(meaning, columns) if meaning else None


def column_for_meaning(meaning: Meaning, columns: Sequence[Column]) -> str | None:
    """Return the first column with a meaning; None if there is none.

    A column's role decides for todo and done. For the others its name comes first, since a new column between the first
    and the last has the role `waiting`, whatever it is called. Review and waiting stand in for each
    other: no ticket in them is ready.
    """
    if meaning in {"todo", "done"}:
        matches = [one.name for one in columns if one.role == meaning]
        return matches[0] if matches else columns[-1 if meaning == "done" else 0].name
    meanings = [(one.name, find_meaning(one.name) or one.role) for one in columns]
    matches = [name for name, own in meanings if own == meaning]
    if not matches and meaning in _SUBSTITUTES:
        matches = [name for name, own in meanings if own == _SUBSTITUTES[meaning]]
    return matches[0] if matches else None


def parse_priority(text: str) -> str | None:
    """Return a priority: a word, or a dotted number, unchanged; None if it is neither."""
    normalized = text.strip().casefold()
    if normalized in _PRIORITY_BY_WORD:
        return _PRIORITY_BY_WORD[normalized]
    return normalized if _DOTTED.fullmatch(normalized) else parse_numeric_priority(normalized)


def parse_numeric_priority(text: str) -> str | None:
    """Convert a priority that counts from 0 (critical), as `0` or `P0`; None if it is none."""
    match = _RANK.fullmatch(text.strip().casefold())
    if match is None:
        return None
    number, words = int(match[1]), [*PRIORITIES]
    return words[number] if number < len(words) else f"{number}.0"
