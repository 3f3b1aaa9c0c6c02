"""What happened to a ticket, from its history and its comments, in the words of the board's log."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from kanban_cli.render.sentences import describe_comment, describe_field, format_cell
from kanban_sdk.wire.comments import Comment
from kanban_sdk.wire.tickets import Change


class Entry(NamedTuple):
    """A line of the log: when, who, what."""

    at: str
    who: str
    what: str


def merge(changes: Sequence[Change], comments: Sequence[Comment]) -> list[Entry]:
    """Return the changes and comments as entries, newest first; fields that changed together are one entry."""
    entries = [
        Entry(at, who, what)
        for (at, who), together in groupby(changes, key=lambda one: (one.changed_at, one.changed_by))
        for what in _describe([*together])
    ]
    entries += [Entry(one.created_at, one.author, f"added comment: {describe_comment(one.text)}") for one in comments]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _describe(changes: list[Change]) -> Iterator[str]:
    """Describe changes of one user at one time, newest first."""
    claims = any(change.field_name == "claim" for change in changes)
    fields: list[str] = []
    for change in changes:
        name, old, new = change.field_name, change.old_value, change.new_value
        match name:
            case "created" | "imported":
                yield f"{name} {format_cell(new)}"
            case "current_column":
                yield f"moved: {format_cell(old)} → {format_cell(new)}"
            case "place":
                yield "moved within its column"
            case "claim":
                yield "released" if new is None else "claimed"
            case "assignee" if claims:
                continue  # a claim and its end set it
            case "deleted" | "archived":
                yield name if new else "restored"
            case "redacted":
                yield "redacted"
            case "trimmed":
                yield "trimmed what came before"
            case _:
                fields.append(describe_field(name, old, new))
    if fields:
        yield f"changed: {', '.join(reversed(fields))}"
