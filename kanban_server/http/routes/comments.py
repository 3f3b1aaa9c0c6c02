"""Comments over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.bodies.comment_bodies import CommentEdit, NewComment
from kanban_sdk.wire.comments import Comment
from kanban_server.actions import comments, queries
from kanban_server.http.responses import read_response, write_response_as
from kanban_server.http.routing import Router

router = Router(prefix="/api/comments", tags=["comments"])


@router.get("/ticket/{ticket_id}", response_model=list[Comment])
async def list_comments(request: Request, ticket_id: Id, deleted: bool = False) -> Response:
    """A ticket's comments, oldest first. `deleted`: also of a deleted ticket."""
    return await read_response(request, queries.list_comments, ticket_id, deleted)


@router.post("", status_code=201, response_model=Comment)
async def add_comment(request: Request, body: NewComment) -> Response:
    """Comment on a ticket."""
    return await write_response_as(request, body.author, comments.add, body)


@router.put("/{comment_id}", response_model=Comment)
@router.patch("/{comment_id}", response_model=Comment)
async def edit_comment(request: Request, comment_id: Id, body: CommentEdit) -> Response:
    """Change the text of a comment of one's own."""
    return await write_response_as(request, body.author, comments.edit, comment_id, body.text)


@router.delete("/{comment_id}", response_model=Message)
async def delete_comment(request: Request, comment_id: Id, deleted_by: str | None = None) -> Response:
    """Delete a comment of one's own."""
    return await write_response_as(request, deleted_by, comments.delete, comment_id)
