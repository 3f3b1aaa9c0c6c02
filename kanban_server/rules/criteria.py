"""Acceptance criteria that can be ticked: the non-blank lines of the text, which is the only place they are stored."""

from __future__ import annotations

import re

from kanban_sdk.wire.tickets import Criteria
from kanban_server.rules.problems import not_found

_LINE = re.compile(
    r"(?P<indent>\s*)(?:(?:[-*+]|[0-9]{1,9}[.)])\s+)?(?:\[(?P<box>[ xX])\](?:\s+|$))?(?P<text>.*)", re.DOTALL
)


def count_criteria(text: str | None) -> Criteria | None:
    """How many criteria are ticked, and how many there are; None if there are none."""
    if not text:
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    return Criteria(sum(_parse_line(line)["box"] in ("x", "X") for line in lines), len(lines)) if lines else None


def tick_criterion(text: str | None, number: int, *, done: bool) -> str:
    """The text with criterion `number`, counted from 1, ticked or unticked. Refused: `not-found`."""
    lines = (text or "").split("\n")
    criteria = [index for index, line in enumerate(lines) if line.strip()]
    if number > len(criteria):
        count_text = f"The ticket has {len(criteria)} of them." if criteria else "The ticket has none."
        raise not_found("criterion", number, fix=f"{count_text} Write them into `acceptance_criteria`, one a line.")
    index = criteria[number - 1]
    parts = _parse_line(lines[index])
    if (parts["box"] in ("x", "X")) != done:
        lines[index] = f"{parts['indent']}- [{'x' if done else ' '}] {parts['text']}"
    return "\n".join(lines)


def _parse_line(line: str) -> re.Match[str]:
    match = _LINE.fullmatch(line)
    assert match is not None
    return match
