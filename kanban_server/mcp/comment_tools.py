"""The tools that write comments."""

from __future__ import annotations

from typing import cast

from kanban_sdk.wire import bodies
from kanban_sdk.wire.bodies import comment_bodies
from kanban_sdk.wire.tools import arguments, definitions, results
from kanban_server.actions import comments, files, inbox, queries, questions
from kanban_server.mcp import rendering
from kanban_server.mcp.call import Call
from kanban_server.mcp.file_arguments import decode_files
from kanban_server.mcp.registry import tool
from kanban_server.rules import cursors
from kanban_server.rules.actors import Actor
from kanban_server.store.transaction import Transaction


@tool(definitions.COMMENT_ADD)
async def comment_add(call: Call, args: arguments.CommentAdd) -> results.CommentResult:
    """Comment on a ticket, attach files to it, and mark the inbox as read, in one transaction."""
    quotas = call.state.file_limits
    async with call.uploads(args.ticket, decode_files(args.files or {})) as uploads:

        def act(tx: Transaction, actor: Actor) -> results.CommentResult:
            names = [files.attach(tx, actor, args.ticket, upload, quotas).name for upload in uploads]
            comment = comments.add(tx, actor, comment_bodies.NewComment(args.ticket, args.text))
            if args.read is not None:
                inbox.mark_read(tx, actor, {str(comment.board_id): args.read})
            result: results.CommentResult = {"id": comment.id, "ticket": comment.ticket_id}
            if names:
                result["files"] = names
            return result

        return await call.write(act)


@tool(definitions.TICKET_ASK)
async def ticket_ask(call: Call, args: arguments.TicketAsk) -> results.QuestionResult:
    """Ask a question about a ticket, on the board; or write down the answer that the person at the client gave."""

    def act(tx: Transaction, actor: Actor) -> results.QuestionResult:
        if call.answer is not None:
            text = f"{args.text}\n\nAnswered at the client: {call.answer}"
            comment = comments.add(tx, actor, comment_bodies.NewComment(args.ticket, text))
            bounds = queries.read_log_bounds(tx, comment.board_id)
            ticket, cursor = queries.read_ticket(tx, args.ticket), cursors.format_cursor(bounds.epoch, bounds.seq)
        else:
            request = bodies.QuestionRequest(args.text, args.column or None, to=args.to or None)
            question = questions.ask_question(tx, actor, args.ticket, request)
            ticket, cursor = question.ticket, question.cursor
        result = cast("results.QuestionResult", rendering.ticket_result(ticket))
        result["cursor"] = cursor
        if call.answer is not None:
            result["answer"] = call.answer
        return result

    return await call.write(act)
