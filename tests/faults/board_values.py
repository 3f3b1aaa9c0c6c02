"""Random values for the operations of a history."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda text: text.strip()
)
NAMES = st.sampled_from(["Todo", "Doing", "Done", "Später", "a_b", "Q A"])
COLUMNS = st.sampled_from(["Todo", "Doing", "Done"] * 3 + ["Später", "a_b", "Q A"])
"""Columns for tickets: mostly columns that a new board has."""
ACTOR = st.integers(0, 4)
"""Index of the acting user."""
ASSIGNEES = st.sampled_from(["ada", "bob", "eve"])
LINKS = st.sampled_from(["0123abc", "https://git.example/pull/7", "nonsense"])
PICK = st.integers(0, 10**6)
"""A number that picks one of the tickets, comments or columns that exist."""
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "description": st.none() | TEXT,
        "priority": st.sampled_from(["critical", "low", "1.0.1", "nonsense", None]),
        "assignee": st.none() | ASSIGNEES,
        "labels": st.lists(TEXT, max_size=3),
        "current_column": COLUMNS,
        "parent": st.none() | st.integers(1, 9),
        "due_date": st.sampled_from(["2026-01-31", "soon", None]),
        "needs": st.sampled_from([["gpu"], ["DB", "gpu"], ["a,b"], None]),
        "not_before": st.sampled_from(["2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z", None]),
        "acceptance_criteria": st.sampled_from(["one", "- [x] one\n* two", None]),
    },
)
"""Fields of an edit."""
