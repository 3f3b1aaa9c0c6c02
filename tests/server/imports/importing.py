"""Imports of four tickets, the first with everything that an import can hold."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.rest import Json, done, events

FIRST: Json = {
    "source_id": "one",
    "title": "One",
    "current_column": "Not Started",
    "status": "open",
    "description": "text",
    "acceptance_criteria": "- [ ] it runs",
    "priority": "high",
    "assignee": "zoe",
    "labels": ["bug", "net"],
    "due_date": "2026-05-06",
    "links": [{"ref": "https://example.com/1"}],
    "blocked_by_sources": ["two", "three"],
    "parent_source": "four",
    "extra": {"kept": 1, "also": [2]},
    "comments": [{"text": "first", "author": "eve", "created_at": "2026-01-02T03:04:05Z"}],
}
ALL = [FIRST, *({"source_id": name, "title": name} for name in ("two", "three", "four"))]


def import_tickets(rest: httpx.Client, board: int, *tickets: Json, **more: Any) -> Json:
    """Import as `importer`."""
    body = {"tickets": tickets or ALL, "imported_by": "importer", **more}
    return dict(done(rest.post(f"/api/boards/{board}/import", json=body)))


def reports(response: Json, kind: str) -> list[Json]:
    """The reports of one kind, without what they do not say."""
    of_kind = [report for report in response["reports"] if report["kind"] == kind]
    return [{name: value for name, value in one.items() if value not in (None, [], False)} for one in of_kind]


def last_seq(rest: httpx.Client, board: int) -> int:
    return int(events(rest, board)[-1]["seq"])
