"""Actions on the files of a ticket. Files do not change a ticket's version, as comments do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.files import AttachedFile, File
from kanban_server.actions import leases
from kanban_server.actions.audit_fields import identity_fields
from kanban_server.rules import permissions
from kanban_server.rules.actors import Actor
from kanban_server.rules.files.names import safe_name, unused_name
from kanban_server.rules.problems import Refusal, not_found
from kanban_server.store.locked_board import LockedBoard
from kanban_server.store.queries import boards, files, tickets, users
from kanban_server.store.queries.files import Blob
from kanban_server.store.rows import TicketRow
from kanban_server.store.transaction import ReadTransaction, Row, Transaction


class FileLimits(NamedTuple):
    """The limits of this server in bytes: one file, all of a ticket, all of a board. 0 is no limit of the last two."""

    file: int = limits.FILE_BYTES
    ticket: int = limits.TICKET_FILE_BYTES
    board: int = limits.BOARD_FILE_BYTES


class Upload(NamedTuple):
    """A content that was received and stored, to be attached under a name."""

    name: str
    """As it was sent."""
    size: int
    media_type: str
    blob_id: int
    width: int | None = None
    height: int | None = None
    thumbnail_id: int | None = None
    problem: str | None = None
    """Why a picture is kept as it was sent."""


class StoredFile(NamedTuple):
    """A file that the viewer may read, with the content to send: its own, or its thumbnail's."""

    id: int
    name: str
    media_type: str
    blob: Blob


def check_may_attach(tx: ReadTransaction, ticket_id: int, size: int, quotas: FileLimits) -> int:
    """Check, before a content is received, that it may be attached; `size` is 0 if it is not known yet.

    Returns the board's id. Refused: `not-found`, `not-allowed`, `archived`, `body-too-large`, `quota-exceeded`.
    """
    row = tickets.active_row(tx, ticket_id)
    board = boards.read(tx, row["board_id"])
    permissions.check_board_write(board.role, row["board_id"])
    check_size(size, quotas)
    _check_quotas(tx, board.board.id, files.read_files(tx, ticket_id), size, quotas)
    return board.board.id


def check_size(size: int, quotas: FileLimits) -> None:
    """Refused: `body-too-large`, if a file has more bytes than one may have."""
    if size > quotas.file:
        detail = f"A file has {quotas.file} bytes at most."
        raise Refusal("body-too-large", detail, fix="Attach a smaller one, or link to it.", limit=quotas.file)


def attach(tx: Transaction, actor: Actor, ticket_id: int, upload: Upload, quotas: FileLimits) -> AttachedFile:
    """Attach a stored content to a ticket. This needs no claim; the holder's renews the lease.

    A name that is taken gets a number, and a name that is not safe is changed; both with a warning. The same content
    under the same name again changes nothing. Refused: `quota-exceeded`, `busy`.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.row_on_board(board, ticket_id)
    leases.renew_if_holder(board, actor, row)
    blob_ids = [_usable_blob(board, id) for id in (upload.blob_id, upload.thumbnail_id) if id is not None]
    rows = files.read_files(tx, ticket_id)
    wanted = safe_name(upload.name)
    for known in rows:
        if known["name"] == wanted and known["blob_id"] == blob_ids[0]:
            return _attached(known)
    _check_quotas(tx, board.id, rows, upload.size, quotas)
    name = unused_name(wanted, [known["name"] for known in rows])
    _warn(tx, upload, wanted, name)
    new: Row = {
        "board_id": board.id,
        "ticket_id": ticket_id,
        "name": name,
        "size": upload.size,
        "media_type": upload.media_type,
        "width": upload.width,
        "height": upload.height,
        "blob_id": blob_ids[0],
        "thumbnail_id": blob_ids[1] if len(blob_ids) > 1 else None,
        "created_by": actor.name,
        "created_by_id": actor.id,
        "created_at": board.now,
    }
    for blob_id in dict.fromkeys(blob_ids):
        tx.run(files.SET_STATE, blob_id=blob_id, new_state="attached")
    files.insert_file(tx, new)
    _record(board, actor, row, "ticket_file_attached", name, [*rows, new])
    return _attached(new)


def remove(tx: Transaction, actor: Actor, ticket_id: int, name: str) -> Message:
    """Remove the actor's own file from a ticket; an admin of the board may remove any on a server with users.

    Its content is detached, and deleted soon. Refused: `not-found`, `not-author`.
    """
    board = boards.lock_by_ticket(tx, ticket_id)
    row = tickets.row_on_board(board, ticket_id)
    leases.renew_if_holder(board, actor, row)
    rows = files.read_files(tx, ticket_id)
    known = next((known for known in rows if known["name"] == name), None)
    if known is None:
        raise not_found("file", name[:200], fix=f"Look at the ticket's files: kanban files {ticket_id}")
    _check_may_remove(board, actor, known)
    files.delete_file(tx, known)
    _record(board, actor, row, "ticket_file_removed", name, [other for other in rows if other is not known])
    return Message("The file is removed.")


def list_files(tx: ReadTransaction, ticket_id: int) -> list[File]:
    """A ticket's files, oldest first. Refused: `not-found`."""
    boards.read(tx, tickets.read_row(tx, ticket_id)["board_id"])
    return files.to_wire(files.read_files(tx, ticket_id))


def open_file(tx: ReadTransaction, ticket_id: int, name: str, *, thumbnail: bool = False) -> StoredFile:
    """A file that the viewer may read, or its thumbnail. Refused: `not-found`."""
    row = files.read_file(tx, ticket_id, name)
    blob_id = row["thumbnail_id"] if thumbnail else row["blob_id"]
    blob = None if blob_id is None else files.read_blob(tx, blob_id)
    if blob is None:
        raise not_found("thumbnail of", name[:200], fix="Ask for the file itself.")
    return StoredFile(row["id"], row["name"], row["media_type"], blob)


def is_still_there(tx: ReadTransaction, ticket_id: int, name: str, file_id: int) -> bool:
    """Whether the viewer may still read a file of which they read the beginning."""
    row = files.BY_NAME.one(tx, ticket_id=ticket_id, name=name)
    return row is not None and row["id"] == file_id


def blobs_of_ticket(tx: ReadTransaction, ticket_id: int) -> dict[str, Blob]:
    """The contents of a ticket's files by name, also of a deleted ticket, for admins of the board.

    Refused: `not-found`, `not-allowed`.
    """
    row = tickets.read_row(tx, ticket_id, deleted=True)
    permissions.check_board_admin(boards.read(tx, row["board_id"]).role)
    blobs = {known["name"]: files.read_blob(tx, known["blob_id"]) for known in files.read_files(tx, ticket_id)}
    return {name: blob for name, blob in blobs.items() if blob is not None}


def has_deleted_files(tx: ReadTransaction, before: str) -> bool:
    """Whether `delete_files_of_deleted` has anything to do."""
    return tx.one(files.DELETED_FILES, before=before, most=1) is not None


def delete_files_of_deleted(tx: Transaction, before: str, most: int) -> int:
    """Delete files of deleted boards, and of tickets that were deleted before a time; at most `most`."""
    rows = tx.all(files.DELETED_FILES, before=before, most=most)
    for board_id in sorted({row["board_id"] for row in rows}):
        board = boards.lock(tx, board_id, deleted=True)
        ticket_ids = {row["ticket_id"] for row in rows if row["board_id"] == board_id}
        gone = {row["id"] for row in rows}
        for ticket_id in sorted(ticket_ids):
            ticket_row = tickets.read_row(tx, ticket_id, deleted=True)
            if not board.deleted_at and not ticket_row["deleted_at"]:
                continue  # it was restored meanwhile
            known = files.read_files(tx, ticket_id)
            for file_row in known:
                if file_row["id"] in gone:
                    files.delete_file(tx, file_row)
            if ticket_row["deleted_at"]:
                left = files.to_wire(row for row in known if row["id"] not in gone)
                board.update_ticket(
                    tickets.read_row(tx, ticket_id, deleted=True), **tickets.to_columns({"files": left})
                )
    return len(rows)


def redact_files(board: LockedBoard, ticket_id: int, leaked_text: str, leaking: Sequence[str]) -> list[File] | None:
    """Remove the files in `leaking`, and rename those whose names have the text. The files as they are then.

    None if nothing changed.
    """
    rows = files.read_files(board.tx, ticket_id)
    kept = [row for row in rows if row["name"] not in leaking]
    for row in rows:
        if row["name"] in leaking:
            files.delete_file(board.tx, row)
    renamed = False
    for row in kept:
        if leaked_text in row["name"]:
            others = [other["name"] for other in kept if other is not row]
            row["name"] = unused_name(safe_name(row["name"].replace(leaked_text, "___")), others)
            board.tx.run(files.RENAME, file_id=row["id"], name=row["name"])
            renamed = True
    return files.to_wire(kept) if renamed or len(kept) < len(rows) else None


def _attached(row: Row) -> AttachedFile:
    return AttachedFile(**asdict(files.to_wire([row])[0]), ticket_id=row["ticket_id"], board_id=row["board_id"])


def _usable_blob(board: LockedBoard, blob_id: int) -> int:
    """The content to attach: the given one, or one of the board that is the same. Refused: `busy`."""
    blob = files.read_blob(board.tx, blob_id)
    if blob is not None and blob.board_id == board.id and blob.state != "detached":
        same = files.read_attached_blob(board.tx, board.id, blob.hash)
        return blob_id if same is None else same.id
    detail = "The same content was removed from this board while it was sent."
    raise Refusal("busy", detail, fix="Send it again.", retry_after=1)


def _check_quotas(tx: ReadTransaction, board_id: int, rows: Sequence[Row], size: int, quotas: FileLimits) -> None:
    if len(rows) >= limits.FILES:
        raise _quota("files", limits.FILES, len(rows), f"A ticket has {limits.FILES} files at most.")
    ticket_bytes = sum(row["size"] for row in rows)
    if quotas.ticket and ticket_bytes + size > quotas.ticket:
        detail = f"The files of a ticket have {quotas.ticket} bytes at most, and these have {ticket_bytes}."
        raise _quota("ticket_file_bytes", quotas.ticket, ticket_bytes, detail)
    if not quotas.board:
        return
    board_bytes = tx.value(files.BOARD_BYTES, board_id=board_id)
    if board_bytes + size > quotas.board:
        detail = f"The files of a board have {quotas.board} bytes at most, and these have {board_bytes}."
        raise _quota("board_file_bytes", quotas.board, int(board_bytes), detail)


def _quota(what: str, limit: int, count: int, detail: str) -> Refusal:
    fix = "Remove files that are no longer needed, or link to the file instead."
    return Refusal("quota-exceeded", detail, fix=fix, what=what, limit=limit, count=count)


def _check_may_remove(board: LockedBoard, actor: Actor, row: Row) -> None:
    if board.tx.viewer.open:
        own = row["created_by"] == actor.name
    elif row["created_by_id"] is None:
        own = actor.id is not None and users.has_had_name(board.tx, actor.id, row["created_by"])
    else:
        own = row["created_by_id"] == actor.id
    if own or (board.role == "admin" and not board.tx.viewer.open):
        return
    raise Refusal(
        "not-author",
        f"{row['created_by']} attached {row['name']}, and only they, or an admin of the board, remove it.",
        fix=f"Ask {row['created_by']}.",
        author=row["created_by"],
    )


def _warn(tx: Transaction, upload: Upload, wanted: str, name: str) -> None:
    if name != wanted:
        tx.warn("file-renamed", f"The file is attached as '{name}': the ticket has another '{wanted}'.", name=name)
    elif name != upload.name:
        tx.warn("file-renamed", f"The file is attached as '{name}': the name that was sent is not safe.", name=name)
    if upload.problem is not None:
        detail = f"'{name}' begins like a picture, and is none ({upload.problem}): it is only offered as a download."
        tx.warn("picture-kept", detail, name=name)


def _record(board: LockedBoard, actor: Actor, row: TicketRow, event: str, name: str, rows: Sequence[Row]) -> None:
    """Write a ticket's files to its row, and record the change."""
    new_files = files.to_wire(rows)
    board.update_ticket(row, **tickets.to_columns({"files": new_files}))
    data = {**identity_fields(row), "name": name, "files": new_files, "changed_by": actor.name}
    board.record(actor, event, data, ticket_id=row["id"])
