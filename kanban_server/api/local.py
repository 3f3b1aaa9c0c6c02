"""What only those may ask for who can read the server's own files: they show the key from the lock beside the database.

The verbs of `python -m kanban_server` come this way while a server has the database, so that one process does it all.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from kanban_server.actions import repairing, trimming
from kanban_server.api.parts import parts_of
from kanban_server.api.replies import JSONBytes, encoded
from kanban_server.api.routes import StrictRoute
from kanban_server.rules.refusals import Refusal
from kanban_server.store import backups
from kanban_server.store.filelock import KEY_HEADER

router = APIRouter(prefix="/api/local", include_in_schema=False, route_class=StrictRoute)


def is_local(request: Request) -> bool:
    """Whether who asks has shown the key."""
    shown = request.headers.get(KEY_HEADER, "")
    return secrets.compare_digest(shown.encode(), parts_of(request).key.encode())


def check_local(request: Request) -> None:
    """Refused: `not-allowed`."""
    if not is_local(request):
        raise Refusal(
            "not-allowed",
            "This is for the server's own machine.",
            fix="Run the command there, as the user that runs the server.",
        )


@dataclass(frozen=True)
class BackUp:
    """Where the copy goes, and whether it may replace what is there."""

    file: str
    force: bool = False


@dataclass(frozen=True)
class Trim:
    """Whose log, and up to when."""

    board_id: int
    before: str


@router.post("/backup")
async def back_up(request: Request, body: BackUp) -> Response:
    """Write a copy of the database to a file of this machine."""
    check_local(request)
    parts = parts_of(request)
    made = await parts.database.aside(backups.back_up, Path(body.file), body.force)
    return JSONBytes(encoded(made, 200))


@router.post("/trim")
async def trim(request: Request, body: Trim) -> Response:
    """Delete the oldest events of a board's log."""
    check_local(request)
    database = parts_of(request).database
    trimmed = await trimming.trim(database, body.board_id, body.before)
    return JSONBytes(encoded(trimmed, 200))


@router.post("/repair")
async def repair(request: Request) -> Response:
    """Mend what differs between the logs, the rows, the counts and the indexes of boards."""
    check_local(request)
    boards = await repairing.repair(parts_of(request).database)
    return JSONBytes(encoded({"boards": boards}, 200))
