"""Members of a board."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli.context import answer, board
from kanban_cli.exits import USAGE, Stop
from kanban_cli.options import command, group
from kanban_cli.output import say, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import members

app = group("Members of a board.", examples=["kanban board member add bob -b 2", "kanban board member list -b 2"])


@command(app, examples=["kanban board member add bob -b 2", "kanban board member add --team red --role viewer -b 2"])
def add(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A person; their agents come along.")] = None,
    team: Annotated[str | None, typer.Option(help="Everybody who is of this team now.")] = None,
    role: Annotated[Literal["admin", "user", "viewer"], typer.Option(help="What they may do there.")] = "user",
) -> None:
    """Make somebody a member of the board, or give a member another role."""
    if (name is None) == (team is None):
        raise Stop(USAGE, "Name a user, or a team.", fix="kanban board member add --help")
    answer(members.put(board(), name, team=team, role=role), _show)


@command(app, "list", examples=["kanban board member list -b 2", "kanban board member list -b 2 --json"])
def list_members() -> None:
    """List the members of the board: name, role, team."""
    answer(members.all(board()), _show)


@command(app, examples=["kanban board member remove bob -b 2", "kanban board member remove ada -b 3"])
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="The member.")]) -> None:
    """End a membership: the board, and its events, are no longer there for them and their agents."""
    answer(members.remove(board(), name), lambda done: say(done.message))


def _show(found: Any) -> None:
    rows = [[one.name, one.role, one.team or NOBODY] for one in found]
    say_rows(["name", "role", "team"], rows, f"{len(rows)} of {len(rows)}")
