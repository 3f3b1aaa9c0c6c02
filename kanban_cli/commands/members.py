"""Members of a board."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import members

app = group("Members of a board.", examples=["kanban board member add bob -b 2", "kanban board member list -b 2"])


@command(app, examples=["kanban board member add bob -b 2", "kanban board member add --team red --role viewer -b 2"])
def add(
    invocation: Invocation,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A person; their agents come along.")] = None,
    team: Annotated[str | None, typer.Option(help="Everybody who is of this team now.")] = None,
    role: Annotated[Literal["admin", "user", "viewer"], typer.Option(help="What they may do there.")] = "user",
) -> None:
    """Make somebody a member of the board, or give a member another role."""
    if (name is None) == (team is None):
        raise CommandError(USAGE, "Name a user, or a team.", fix="kanban board member add --help")
    invocation.send_and_print(members.put(invocation.board_id, name, team=team, role=role), _print_members)


@command(app, "list", examples=["kanban board member list -b 2", "kanban board member list -b 2 --json"])
def list_members(invocation: Invocation) -> None:
    """List the members of the board: name, role, team."""
    invocation.send_and_print(members.all(invocation.board_id), _print_members)


@command(app, examples=["kanban board member remove bob -b 2", "kanban board member remove ada -b 3"])
def remove(invocation: Invocation, name: Annotated[str, typer.Argument(metavar="NAME", help="The member.")]) -> None:
    """End a membership: the board, and its events, are no longer there for them and their agents."""
    invocation.send_and_print(members.remove(invocation.board_id, name), lambda done: print_line(done.message))


def _print_members(member_list: Any) -> None:
    rows = [[member.name, member.role, member.team or EMPTY_CELL] for member in member_list]
    print_rows(["name", "role", "team"], rows, f"{len(rows)} of {len(rows)}")
