"""Refusals, as tests of rules look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kanban_server.rules.problems import Refusal


def refusal(rule: Callable[..., Any], *arguments: Any, **named: Any) -> Refusal:
    """The refusal that a rule raises; an AssertionError where it raises none."""
    try:
        result = rule(*arguments, **named)
    except Refusal as refused:
        return refused
    raise AssertionError(f"nothing was refused: {result!r}")
