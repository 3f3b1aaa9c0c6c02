"""JSONL, which `kanban import jsonl` reads: a ticket per line, as the API has it."""

from typing import TextIO

from kanban_cli.render.escaping import compact_json
from kanban_cli.writers.exported import ExportedBoard

BOARD_FIELDS = ("id", "name", "description", "column_settings", "wip_per_user", "review", "require", "created_at")
"""What the first line of a full export says of the board."""


def write(target: TextIO, exported: ExportedBoard, *, full: bool) -> None:
    """Write the tickets; with `full`, a line about the board before them, and the history of each."""
    if full:
        board = {name: exported.board[name] for name in BOARD_FIELDS if name in exported.board}
        target.write(f"{compact_json({'_type': 'board', **board})}\n")
    for ticket in exported.tickets:
        ticket["blocked_by_sources"] = exported.blockers(ticket)
        ticket["parent_source"] = exported.parent(ticket)
        ticket["comments"] = exported.comments(ticket)
        if full:
            ticket["history"] = exported.history(ticket)
        target.write(f"{compact_json(ticket)}\n")
