"""Routes for those who can read the server's own files: requests need the key from the lock beside the database.

While a server has the database, the commands of `python -m kanban_server` use these, so that one process does all.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from kanban_server.actions.maintenance import board_repair, log_trimming
from kanban_server.entry.execute import encode_result
from kanban_server.entry.state import state_of
from kanban_server.files.consistency import remove_orphans
from kanban_server.http.responses import EncodedJSONResponse
from kanban_server.http.routing import Router
from kanban_server.rules.problems import Refusal
from kanban_server.store.file_lock import KEY_HEADER
from kanban_server.store.maintenance import backups

router = Router(prefix="/api/local")


def has_admin_key(request: Request) -> bool:
    """Whether the request has the admin key."""
    sent_key = request.headers.get(KEY_HEADER, "")
    return secrets.compare_digest(sent_key.encode(), state_of(request).admin_key.encode())


def check_admin_key(request: Request) -> None:
    """Check the admin key. Refused: `not-allowed`."""
    if not has_admin_key(request):
        raise Refusal(
            "not-allowed",
            "This is for the server's own machine.",
            fix="Run the command there, as the user that runs the server.",
        )


@dataclass(frozen=True)
class BackupRequest:
    """Where the copy goes, and whether it may replace what is there."""

    file: str
    force: bool = False


@dataclass(frozen=True)
class TrimRequest:
    """Whose log, and up to when."""

    board_id: int
    before: str


@router.post("/backup", described=False)
async def back_up(request: Request, body: BackupRequest) -> Response:
    """Write a copy of the database to a file of this machine."""
    check_admin_key(request)
    state = state_of(request)
    backup = await state.database.run_in_thread(backups.back_up, Path(body.file), body.force, state.settings.files_path)
    return EncodedJSONResponse(encode_result(backup, 200))


@router.post("/trim", described=False)
async def trim(request: Request, body: TrimRequest) -> Response:
    """Delete the oldest events of a board's log."""
    check_admin_key(request)
    database = state_of(request).database
    report = await log_trimming.trim(database, body.board_id, body.before)
    return EncodedJSONResponse(encode_result(report, 200))


@router.post("/repair", described=False)
async def repair(request: Request) -> Response:
    """Mend what differs between the logs, the rows, the counts and the indexes of boards; remove unused contents."""
    check_admin_key(request)
    state = state_of(request)
    boards = await board_repair.repair(state.database)
    contents = await remove_orphans(state.database, state.settings.files_path)
    return EncodedJSONResponse(encode_result({"boards": boards, "contents": contents}, 200))
