"""Comments and questions: comment, ask, withdraw, inbox, follow, unfollow."""

from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, USAGE
from kanban_cli.input import editor
from kanban_cli.input.text_input import resolve_texts
from kanban_cli.invocation import Invocation, print_notice
from kanban_cli.options import Force, TicketId, Yes, column_option, command
from kanban_cli.render.escaping import truncate
from kanban_cli.render.output import print_cells, print_line, print_rows
from kanban_cli.render.sentences import format_cell
from kanban_cli.render.ticket import MAX_CELL_CHARACTERS
from kanban_sdk.calls import comments, tickets
from kanban_sdk.calls import inbox as inboxes
from kanban_sdk.errors import KanbanError

if TYPE_CHECKING:
    from kanban_sdk.wire.comments import Comment
    from kanban_sdk.wire.inbox import Inbox, Question

app = typer.Typer()


@command(
    app,
    examples=['kanban comment 12 "The session is read twice."', 'kanban comment 12 --edit 45 "It is read once."'],
    without=["board"],
)
def comment(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT", help="The comment; - reads stdin. Default on a terminal: written in $EDITOR."),
    ] = None,
    edit: Annotated[
        int | None, typer.Option(metavar="COMMENT", help="Change this comment of yours, as `kanban show` numbers it.")
    ] = None,
    delete: Annotated[
        int | None, typer.Option(metavar="COMMENT", help="Delete this comment of yours; with --yes.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Add a comment to a ticket, or change or delete one of yours."""
    if delete is not None:
        _delete_comment(invocation, ticket, delete, text, yes=yes)
        return
    old_text = "" if edit is None else _find_comment(invocation, ticket, edit).text
    file = None
    if text is None:
        if not editor.can_edit():
            raise CommandError(USAGE, "The comment has no text.", fix="kanban comment --help")
        text, file = editor.edit_text(invocation, old_text, f"comment-{ticket}")
    (text,) = resolve_texts(invocation, text)
    call = comments.add(ticket, text) if edit is None else comments.edit(edit, text)
    try:
        invocation.send_and_print(
            call, lambda saved: print_cells(f"comment {saved.id}", f"on {saved.ticket_id}", saved.author)
        )
    except KanbanError:
        if file is not None:
            print_notice(f"Your text is in {file}.")
        raise
    if file is not None:
        file.unlink()


def _delete_comment(invocation: Invocation, ticket: int, id: int, text: str | None, *, yes: bool) -> None:
    if text is not None or not yes:
        detail = f"Confirm with --yes, without a text, that comment {id} is to be deleted."
        raise CommandError(USAGE, detail, fix="kanban comment --help")
    _find_comment(invocation, ticket, id)
    invocation.send_and_print(comments.delete(id), lambda deleted: print_line(deleted.message))


def _find_comment(invocation: Invocation, ticket: int, id: int) -> "Comment":
    """Return a comment of the ticket. Stops if it has no such comment."""
    for known in invocation.send(comments.all(ticket)):
        if known.id == id:
            return known
    raise CommandError(NOT_FOUND, f"Ticket {ticket} has no comment {id}.", fix=f"kanban show {ticket} --json")


@command(
    app,
    examples=['kanban ask 12 "Which of the two?" --to ada', 'kanban ask 12 "@ada @bob which?"'],
    without=["board"],
)
def ask(
    invocation: Invocation,
    ticket: TicketId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The question; - reads stdin.")],
    to: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Who answers it. Default: who is mentioned, else the ticket's creator."),
    ] = None,
    column: Annotated[
        str | None,
        column_option("The column in which the ticket waits. Default: the first waiting one."),
    ] = None,
    force: Force = False,
) -> None:
    """Ask a question about a ticket.

    It goes to --to, or else to the users that it mentions as @NAME, or else to the ticket's creator. Where the server
    has users, only they answer it, in a comment. The ticket moves to a waiting column until then, and you go on holding
    it.
    """
    (text,) = resolve_texts(invocation, text)

    def print_question(question: "Question") -> None:
        asked = f"asks {format_cell(question.ticket.asked)}" if question.ticket.asked else "asks anybody"
        print_cells(f"comment {question.comment.id}", f"on {question.ticket.id}", question.ticket.current_column, asked)
        is_held = question.ticket.claim is not None
        print_line(f"next: kanban {'next --wait --or-reply' if is_held else f'wait {question.ticket.id} --reply'}")

    invocation.send_and_print(tickets.ask(ticket, text, to=to, column=column, force=force), print_question)


@command(app, examples=["kanban withdraw 12", 'kanban withdraw 12 -m "Decided in 14."'], without=["board"])
def withdraw(
    invocation: Invocation,
    ticket: TicketId,
    note: Annotated[
        str | None, typer.Option("-m", "--note", metavar="TEXT", help="Why: a comment, the reply to who asked.")
    ] = None,
) -> None:
    """End the open question of a ticket without an answer.

    Who asked withdraws it. An admin of the board closes the question of another, and says why with --note. The ticket
    goes back to the column that it was asked from.
    """
    before = invocation.send(tickets.get(ticket)).open_question
    done = "no question is open" if before is None else "question withdrawn"
    invocation.send_and_print(
        tickets.withdraw(ticket, note),
        lambda changed: print_cells(changed.id, changed.current_column, done, changed.title),
    )


@command(app, examples=["kanban follow 12", "kanban follow 12 --json"], without=["board", "lease"])
def follow(invocation: Invocation, ticket: TicketId) -> None:
    """Watch a ticket: its news comes into your inbox.

    The news is its comments, and that it is done. `kanban watch` shows changes as they happen; this needs no running
    command.
    """
    invocation.send_and_print(inboxes.watch(ticket), lambda watch: print_cells(watch.ticket_id, "followed"))


@command(app, examples=["kanban unfollow 12", "kanban unfollow 12 --json"], without=["board", "lease"])
def unfollow(invocation: Invocation, ticket: TicketId) -> None:
    """Watch a ticket no longer.

    Comments that are in your inbox already stay there.
    """
    invocation.send_and_print(inboxes.unwatch(ticket), lambda watch: print_cells(watch.ticket_id, "not followed"))


@command(app, examples=["kanban inbox", "kanban inbox --read --full"], without=["board", "lease"])
def inbox(
    invocation: Invocation,
    read: Annotated[bool, typer.Option("--read", help="Mark what is shown as read.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show whole texts.")] = False,
) -> None:
    """Show your unread mentions, questions and followed tickets.

    The oldest comes first. A row has the ticket, the kind (mention, ask, watched or done), the author, the time and the
    text.
    """
    call = inboxes.unread()
    response = invocation.send_raw(call)
    unread = call.read(response)
    if invocation.options.json:
        invocation.print_json(response)
    else:
        _print_inbox(unread, full=full)
    if read and unread.items:
        invocation.send(inboxes.read(unread.cursors))


def _print_inbox(unread: "Inbox", *, full: bool) -> None:
    rows = [
        [
            item.ticket_id,
            item.kind,
            item.author,
            f"{item.created_at[:19]}Z",
            item.text if full else truncate(item.text, MAX_CELL_CHARACTERS),
        ]
        for item in unread.items
    ]
    print_rows(["ticket", "kind", "who", "when", "text"], rows, f"{len(rows)} of {unread.total}")
