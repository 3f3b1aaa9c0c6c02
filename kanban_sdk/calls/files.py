"""Files on tickets."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from kanban_sdk.calls.call import Call
from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.files import AttachedFile, File
from kanban_sdk.wire.shape import list_of


def all(ticket: int) -> Call[list[File]]:
    """A ticket's files, oldest first. Raises NotFound."""
    return Call("GET", f"/api/tickets/{ticket}/files", list_of(File.read))


def attach(ticket: int, content: bytes | str | os.PathLike[str], *, name: str | None = None) -> Call[AttachedFile]:
    """Attach a file to a ticket: the one at a path, which is sent in parts, or these bytes under a `name`.

    The name of the result may differ: a name that is taken gets a number, and one that is not safe is changed. Then a
    KanbanWarning says so. Pictures lose their metadata, such as where they were taken. Raises NotFound, TooLarge,
    Invalid; Conflict if a quota is used up; ValueError for bytes without a name.
    """
    target = f"/api/tickets/{ticket}/files"
    if isinstance(content, bytes):
        if name is None:
            raise ValueError("bytes need a name")
        return Call("POST", target, AttachedFile.read, query={"name": name}, body=content)
    path = Path(content)
    return Call("POST", target, AttachedFile.read, query={"name": name or path.name}, file=path)


def read(ticket: int, name: str, *, thumbnail: bool = False) -> Call[bytes]:
    """The content of a file, or of its thumbnail, which is a small WebP picture. Raises NotFound."""
    return Call("GET", _path(ticket, name), bytes, query={"thumbnail": True if thumbnail else None}, raw=True)


def remove(ticket: int, name: str) -> Call[Message]:
    """Remove a file of the actor's, and delete its content for ever. Raises NotFound, NotAuthor."""
    return Call("DELETE", _path(ticket, name), Message.read)


def _path(ticket: int, name: str) -> str:
    return f"/api/tickets/{ticket}/files/{quote(name, safe='')}"
