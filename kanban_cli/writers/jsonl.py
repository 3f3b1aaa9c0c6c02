"""JSONL, which `kanban import jsonl` reads: a ticket per line, as the API has it."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from kanban_cli.formats.trackers.jsonl import BOARD_TYPE, HISTORY_TYPE
from kanban_cli.render.escaping import compact_json
from kanban_cli.writers.exported import ExportedBoard, Fields
from kanban_sdk.wire import limits

BOARD_FIELDS = ("id", "name", "description", "column_settings", "wip_per_user", "review", "require", "created_at")
"""What the first line of a full export says of the board."""
LINE_BYTES = limits.BODY_BYTES * 3 // 4
"""Where a line would have more, the history goes on in further lines, so that each can be imported in one request."""


def write(target: TextIO, exported: ExportedBoard, *, full: bool) -> None:
    """Write the tickets; with `full`, a line about the board before them, and the history of each."""
    if full:
        board = {name: exported.board[name] for name in BOARD_FIELDS if name in exported.board}
        target.write(f"{compact_json({'_type': BOARD_TYPE, **board})}\n")
    for ticket in exported.tickets:
        ticket["blocked_by_sources"] = exported.blockers(ticket)
        ticket["parent_source"] = exported.parent(ticket)
        ticket["comments"] = exported.comments(ticket)
        if not full:
            target.write(f"{compact_json(ticket)}\n")
            continue
        room = LINE_BYTES - len(compact_json(ticket).encode(errors="surrogatepass"))
        first, *others = _split(exported.history(ticket), room) or [[]]
        target.write(f"{compact_json({**ticket, 'history': first})}\n")
        for part in others:
            line = {"_type": HISTORY_TYPE, "source_id": ticket["source_id"], "history": part}
            target.write(f"{compact_json(line)}\n")


def _split(history: Sequence[Fields], room: int) -> list[list[Fields]]:
    """Split a history that is too large for one line, the shortest changes first, since these are the moves."""
    sizes = [len(compact_json(change).encode(errors="surrogatepass")) for change in history]
    if sum(sizes) <= room:
        return [[*history]]
    return [*_fill([history[index] for index in sorted(range(len(sizes)), key=sizes.__getitem__)], sorted(sizes), room)]


def _fill(changes: Sequence[Fields], sizes: Sequence[int], room: int) -> Iterator[list[Fields]]:
    part: list[Fields] = []
    left = room
    for change, size in zip(changes, sizes, strict=True):
        if part and size > left:
            yield part
            part, left = [], room
        part.append(change)
        left -= size
    yield part
