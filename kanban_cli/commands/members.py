"""Members of a board: add, list, remove."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import members

if TYPE_CHECKING:
    from kanban_sdk.wire.users import Member

app = group("Manage the members of a board.", examples=["kanban board member add bob -b 2", "kanban board member list"])


@command(
    app,
    examples=["kanban board member add bob -b 2", "kanban board member add --team red --role viewer -b 2"],
    without=["lease"],
)
def add(
    invocation: Invocation,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A person; their agents come along.")] = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Everybody who is in this team now, instead of one person.")
    ] = None,
    role: Annotated[Literal["admin", "user", "viewer"], typer.Option(help="What they may do on the board.")] = "user",
) -> None:
    """Add a member to the board, or change a member's role."""
    if (name is None) == (team is None):
        raise CommandError(USAGE, "Name either a user or a team.", fix="kanban board member add --help")
    invocation.send_and_print(members.put(invocation.board_id, name, team=team, role=role), _print_members)


@command(app, "list", examples=["kanban board member list", "kanban board member list -b 2 --json"], without=["lease"])
def list_members(invocation: Invocation) -> None:
    """List the members of the board: name, role, team."""
    invocation.send_and_print(members.all(invocation.board_id), _print_members)


@command(
    app, examples=["kanban board member remove bob -b 2", "kanban board member remove ada -b 3"], without=["lease"]
)
def remove(
    invocation: Invocation, name: Annotated[str, typer.Argument(metavar="NAME", help="The member's name.")]
) -> None:
    """Remove a member from the board.

    They and their agents can no longer see the board and its events.
    """
    invocation.send_and_print(members.remove(invocation.board_id, name), lambda removed: print_line(removed.message))


def _print_members(member_list: "list[Member]") -> None:
    rows = [[member.name, member.role, member.team or EMPTY_CELL] for member in member_list]
    print_rows(["name", "role", "team"], rows, f"{len(rows)} of {len(rows)}")
