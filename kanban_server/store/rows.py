"""The rows of the tables that changes work on, as the drivers return them."""

from __future__ import annotations

from typing import TypedDict


class TicketRow(TypedDict):
    """A row of `tickets`. Lists and objects are JSON texts."""

    id: int
    board_id: int
    column_id: int
    place: str
    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    priority_key: str
    assignee: str | None
    labels: str
    created_by: str
    updated_by: str
    assigned_by: str | None
    created_at: str
    updated_at: str
    column_entered_at: str
    deleted_at: str | None
    version: int
    comment_count: int
    claim_holder: str | None
    claim_number: int
    source_id: str | None
    extra: str | None
    blocked_by: str
    parent: int | None
    open_blockers: int
    children: int
    open_children: int
    needs_human: int
    expiries: int
    claim_seconds: int | None
    claim_expires_at: str | None
    claim_from_column: int | None
    claim_to_column: int | None
    claim_from_assignee: str | None
    claim_user_id: int | None
    claim_seat: int | None
    due_date: str | None
    links: str
    archived_at: str | None
    open_question: int | None
    asked: str
    question_from_column: int | None
    question_to_column: int | None
    not_before: str | None
    needs: str
    files: str
    watchers: int


class TicketValues(TypedDict, total=False):
    """New values of some columns of a ticket's row."""

    column_id: int
    place: str
    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    priority_key: str
    assignee: str | None
    labels: str
    updated_by: str
    assigned_by: str | None
    updated_at: str
    column_entered_at: str
    deleted_at: str | None
    version: int
    comment_count: int
    claim_holder: str | None
    claim_number: int
    source_id: str | None
    extra: str | None
    blocked_by: str
    parent: int | None
    open_blockers: int
    children: int
    open_children: int
    needs_human: int
    expiries: int
    claim_seconds: int | None
    claim_expires_at: str | None
    claim_from_column: int | None
    claim_to_column: int | None
    claim_from_assignee: str | None
    claim_user_id: int | None
    claim_seat: int | None
    due_date: str | None
    links: str
    archived_at: str | None
    open_question: int | None
    asked: str
    question_from_column: int | None
    question_to_column: int | None
    not_before: str | None
    needs: str
    files: str
    watchers: int


class NewTicketRow(TypedDict):
    """The columns that a new ticket is written with."""

    board_id: int
    column_id: int
    place: str
    title: str
    description: str | None
    acceptance_criteria: str | None
    priority: str
    assignee: str | None
    labels: str
    created_by: str
    updated_by: str
    assigned_by: str | None
    created_at: str
    updated_at: str
    column_entered_at: str
    version: int
    source_id: str | None
    extra: str | None
    comment_count: int
    due_date: str | None
    links: str
    not_before: str | None
    needs: str
