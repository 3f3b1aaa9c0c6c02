"""Conditions on rows of tickets, each written once for SQL and for Python."""

from __future__ import annotations

READY: dict[str, int | None] = {
    "deleted_at": None,
    "archived_at": None,
    "claim_holder": None,
    "open_blockers": 0,
    "open_children": 0,
    "needs_human": 0,
    "not_before": None,
}
"""A ticket of a todo column can be taken if its columns have these values."""
