"""Users of a server."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli import server_commands
from kanban_cli.commands.server import Database
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_cells, print_field, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import users

app = group("Users, on a server that knows its users.", examples=["kanban user create ada --admin", "kanban user list"])

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
Role = Annotated[Literal["admin", "user", "viewer"] | None, typer.Option(help="What they may do.")]
DisplayName = Annotated[str | None, typer.Option(metavar="NAME", help="The name that is shown; empty for none.")]
Team = Annotated[str | None, typer.Option(help="Their team; empty for none.")]


@command(app, examples=["kanban user create ada --admin", "kanban user create builder --agent-of ada"])
def create(
    invocation: Invocation,
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="They may do everything.")] = False,
    role: Role = None,
    agent: Annotated[bool, typer.Option("--agent", help="An agent of your own.")] = False,
    agent_of: Annotated[str | None, typer.Option(metavar="NAME", help="An agent of this person. For admins.")] = None,
    display_name: DisplayName = None,
    team: Team = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Without a first token.")] = False,
    database: Database = None,
) -> None:
    """Make a user, and print a first token, this once. The first user is an admin, made on the server's own machine."""
    effective_role = role or ("admin" if admin else "user")
    if server_commands.is_local_without_token(invocation) and not (agent or agent_of or no_token):
        flags = {"--role": effective_role, "--display-name": display_name, "--team": team}
        arguments = [part for flag, value in flags.items() if value for part in (flag, value)]
        server_commands.exec_server_command(invocation, "user", database, *arguments, "--", name)
    call = users.create(
        name,
        role=effective_role,
        kind="agent" if agent or agent_of else "person",
        owner=agent_of,
        display_name=display_name,
        team=team,
        token=not no_token,
    )
    invocation.send_and_print(
        call, lambda made: print(made.user.name, made.user.role, *([made.secret] if made.secret else []), sep="\t")
    )


@command(app, "list", examples=["kanban user list", "kanban user list --json"])
def list_users(invocation: Invocation) -> None:
    """List the users that you may see: name, role, kind, whose agent, team."""

    def print_users(user_list: Any) -> None:
        rows = [_user_row(user) for user in user_list]
        print_rows(["name", "role", "kind", "of", "team", "state"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(users.all(), print_users)


@command(app, examples=["kanban user show ada", "kanban user show ada --json"])
def show(invocation: Invocation, name: Name) -> None:
    """Show a user."""

    def print_user(user: Any) -> None:
        for field in ("name", "display_name", "role", "kind", "owner", "team", "created_at", "disabled"):
            if (value := getattr(user, field)) not in (None, False):
                print_field(field.replace("_", " "), str(value))

    invocation.send_and_print(users.get(name), print_user)


@command(app, examples=["kanban user edit bob --role viewer", "kanban user edit bob --name robert"])
def edit(
    invocation: Invocation,
    who: Name,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A new name; the old one stays theirs.")] = None,
    role: Role = None,
    display_name: DisplayName = None,
    team: Team = None,
    enable: Annotated[bool, typer.Option("--enable", help="Let a disabled user in again.")] = False,
) -> None:
    """Change a user."""
    fields: dict[str, Any] = {"name": name, "role": role, "display_name": display_name, "team": team}
    fields = {field: value for field, value in fields.items() if value is not None}
    fields |= {"disabled": False} if enable else {}
    if not fields:
        raise CommandError(USAGE, "Nothing to change is named.", fix="kanban user edit --help")
    invocation.send_and_print(users.edit(who, **fields), lambda user: print_cells(*_user_row(user)))


@command(app, examples=["kanban user disable bob", "kanban user disable builder"])
def disable(invocation: Invocation, name: Name) -> None:
    """Disable a user: their tokens, sessions and streams end, and their agents' too. `edit --enable` undoes it."""
    invocation.send_and_print(users.edit(name, disabled=True), lambda user: print_cells(*_user_row(user)))


def _user_row(user: Any) -> list[str]:
    state = "disabled" if user.disabled else "-"
    return [user.name, user.role, user.kind, user.owner or EMPTY_CELL, user.team or EMPTY_CELL, state]
