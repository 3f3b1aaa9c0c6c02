"""Commands that change fields of tickets: edit, assign, close."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, USAGE
from kanban_cli.input import editor
from kanban_cli.input.text_input import resolve_texts
from kanban_cli.invocation import Invocation, print_notice
from kanban_cli.options import TICKET, Force, IfVersion, command
from kanban_cli.render.output import print_cells, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell
from kanban_cli.ticket_options import (
    Assignee,
    Column,
    Criteria,
    Description,
    Due,
    Needs,
    NotBefore,
    Priority,
    parse_due,
    parse_not_before,
)
from kanban_cli.values.tags import split_tags
from kanban_sdk.calls import tickets
from kanban_sdk.errors import KanbanError

if TYPE_CHECKING:
    from kanban_sdk.wire.bodies import TicketFields
    from kanban_sdk.wire.tickets import Ticket

app = typer.Typer()

TicketIds = Annotated[
    list[int], typer.Argument(metavar="TICKET...", help="The numbers of the tickets.", autocompletion=TICKET)
]
FIELD_WORDS = {
    "current_column": "column",
    "acceptance_criteria": "criteria",
    "due_date": "due",
    "not_before": "not before",
}
"""The words for fields in the list of what an edit changed, where they differ."""


@command(
    app,
    examples=[
        'kanban edit 12 --append "Seen on staging too." -l staging --due "next friday"',
        "kanban edit 12 13 14 -p low",
    ],
    without=["board"],
)
def edit(
    invocation: Invocation,
    ticket: TicketIds,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="The new title.")] = None,
    description: Description = None,
    criteria: Criteria = None,
    append: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Text to add below the description; - reads stdin.")
    ] = None,
    priority: Priority = None,
    assignee: Assignee = None,
    add_label: Annotated[
        list[str] | None, typer.Option("-l", "--add-label", metavar="LABEL", help="A label to add; may be repeated.")
    ] = None,
    remove_label: Annotated[
        list[str] | None, typer.Option("--remove-label", metavar="LABEL", help="A label to remove; may be repeated.")
    ] = None,
    column: Column = None,
    parent: Annotated[
        str | None,
        typer.Option(metavar="TICKET", help="The ticket that it is a part of; empty for none.", autocompletion=TICKET),
    ] = None,
    due: Due = None,
    not_before: NotBefore = None,
    needs: Needs = None,
    link: Annotated[
        list[str] | None, typer.Option(metavar="REF", help="A commit or URL to link to; may be repeated.")
    ] = None,
    unlink: Annotated[list[str] | None, typer.Option(metavar="REF", help="A link to remove; may be repeated.")] = None,
    if_version: IfVersion = None,
    force: Force = False,
) -> None:
    """Change fields of tickets.

    Fields that are not named stay as they are; an empty text clears a field. Several tickets are changed in one
    request, all of them or none. Added text, labels and links keep what others added meanwhile; for one ticket they are
    separate requests, after the one for the fields. On a terminal, without options, $EDITOR opens the ticket's texts.
    """
    description, criteria, append = resolve_texts(invocation, description, criteria, append)
    fields = _edited_fields(title, description, criteria, priority, assignee, column, parent, due)
    if not_before is not None:
        fields["not_before"] = parse_not_before(not_before) or None
    if needs is not None:
        fields["needs"] = split_tags(needs)
    if if_version is not None and not fields:
        raise CommandError(
            USAGE, "--if-version checks a change of fields, and no field is named.", fix="kanban edit --help"
        )
    if len(ticket) > 1:
        if append or link or unlink or if_version is not None:
            detail = "--append, --link, --unlink and --if-version are for one ticket."
            raise CommandError(USAGE, detail, fix="kanban edit --help")
        _edit_many(invocation, ticket, fields, add_label or [], remove_label or [], force=force)
        return
    id = ticket[0]
    calls = [tickets.edit(id, version=if_version, force=force, **fields)] if fields else []
    calls += [tickets.add_labels(id, *add_label, force=force)] if add_label else []
    calls += [tickets.remove_labels(id, *remove_label, force=force)] if remove_label else []
    calls += [tickets.link(id, add=link or (), remove=unlink or (), force=force)] if link or unlink else []
    # Last: running the command again after a failure would add the comment twice.
    calls += [tickets.append(id, append, force=force)] if append else []
    if not calls and editor.can_edit() and not invocation.options.json:
        _edit_texts(invocation, id, force=force)
        return
    if not calls:
        raise CommandError(USAGE, "No change is named.", fix="kanban edit --help")
    for call in calls[:-1]:
        invocation.send(call)
    changes = _describe_changes(fields, add_label or [], remove_label or [])
    changes += [f"link {ref}" for ref in link or []] + [f"no link {ref}" for ref in unlink or []]
    changes += ["description"] if append else []
    invocation.send_and_print(calls[-1], lambda edited: _print_edited(edited, changes))


@command(app, examples=["kanban assign 12 ada", "kanban assign 12 13 me"], without=["board"])
def assign(
    invocation: Invocation,
    ticket: TicketIds,
    assignee: Annotated[str, typer.Argument(metavar="USER", help="The user, or me; an empty text for nobody.")],
    force: Force = False,
) -> None:
    """Assign tickets to a user.

    The user holds them only after `kanban claim` or `kanban next`.
    """
    name = invocation.current_user if assignee == "me" else assignee
    if name is None:
        raise CommandError(USAGE, "No user is named.", fix=invocation.command_line.plus("-u", "NAME"))
    edit(invocation, ticket, assignee=name, force=force)


@command(app, examples=["kanban close 12", "kanban close 12 13"], without=["board"])
def close(invocation: Invocation, ticket: TicketIds, force: Force = False) -> None:
    """Move tickets to the board's done column.

    Several tickets are moved in one request, all of them or none.
    """
    from kanban_sdk.calls import boards

    board = invocation.send(boards.get(invocation.send(tickets.get(ticket[0])).board_id))
    column = next((column.name for column in board.column_settings if column.role == "done"), None)
    if column is None:
        detail = f"Board {board.id} has no done column."
        raise CommandError(NOT_FOUND, detail, fix=f"kanban board columns -b {board.id}")
    edit(invocation, ticket, column=column, force=force)


def _edit_texts(invocation: Invocation, id: int, *, force: bool) -> None:
    """Change a ticket's texts in the editor. Stops if somebody else changed it meanwhile; the file stays then."""
    ticket = invocation.send(tickets.get(id))
    before = (ticket.title, ticket.description, ticket.acceptance_criteria)
    document, file = editor.edit_text(invocation, editor.join_texts(*before), f"ticket-{id}")
    title, description, criteria = editor.split_texts(document)
    fields: TicketFields = {}
    if title != ticket.title:
        fields["title"] = title
    if description != ((ticket.description or "").strip() or None):
        fields["description"] = description
    if criteria != ((ticket.acceptance_criteria or "").strip() or None):
        fields["acceptance_criteria"] = criteria
    try:
        edited = invocation.send(tickets.edit(id, version=ticket.version, force=force, **fields))
    except KanbanError:
        print_notice(f"Your text is in {file}.")
        raise
    file.unlink()
    _print_edited(edited, _describe_changes(fields, [], []))


def _edit_many(
    invocation: Invocation,
    ids: Sequence[int],
    fields: "TicketFields",
    added: list[str],
    removed: list[str],
    *,
    force: bool,
) -> None:
    """Change several tickets in one request, all of them or none."""
    changes = _describe_changes(fields, added, removed)
    if not changes:
        raise CommandError(USAGE, "No change is named.", fix="kanban edit --help")
    forced = {"force": True} if force else {}
    operations = [{"op": "edit", "ticket": id, **fields, **forced} for id in ids] if fields else []
    if added or removed:
        operations += [{"op": "label", "ticket": id, "add": added, "remove": removed, **forced} for id in ids]
    response = invocation.send_raw(tickets.batch(operations))
    if invocation.options.json:
        invocation.print_json(response)
    else:
        print_rows(["id", "changed"], [[id, ", ".join(changes)] for id in ids], f"{len(ids)} of {len(ids)}")


def _edited_fields(
    title: str | None,
    description: str | None,
    criteria: str | None,
    priority: str | None,
    assignee: str | None,
    column: str | None,
    parent: str | None,
    due: str | None,
) -> "TicketFields":
    """Return the fields that are named; an empty text clears a field that can be empty."""
    fields: TicketFields = {}
    if title is not None:
        fields["title"] = title
    if priority is not None:
        fields["priority"] = priority
    if column is not None:
        fields["current_column"] = column
    if description is not None:
        fields["description"] = description or None
    if criteria is not None:
        fields["acceptance_criteria"] = criteria or None
    if assignee is not None:
        fields["assignee"] = assignee or None
    if due is not None:
        fields["due_date"] = parse_due(due) or None
    if parent is not None:
        if parent and not (parent.isdecimal() and parent.isascii()):
            raise CommandError(USAGE, f"'{parent}' is not a ticket's number.", fix="kanban edit --help")
        fields["parent"] = int(parent) if parent else None
    return fields


def _describe_changes(fields: "TicketFields", added: list[str], removed: list[str]) -> list[str]:
    """Name the changed fields with their new values; texts only by their names."""
    changes = []
    for name, value in fields.items():
        word = {
            "current_column": "column",
            "acceptance_criteria": "criteria",
            "due_date": "due",
            "not_before": "not before",
        }.get(name, name)
        if name in {"title", "description", "acceptance_criteria"}:
            changes.append(word if value else f"no {word}")
        else:
            changes.append(f"{word} {format_cell(value)}" if value not in (None, []) else f"no {word}")
    return [*changes, *(f"label +{label}" for label in added), *(f"label -{label}" for label in removed)]


def _print_edited(ticket: "Ticket", changes: list[str]) -> None:
    print_cells(ticket.id, ticket.current_column, ", ".join(changes) or EMPTY_CELL, ticket.title)
