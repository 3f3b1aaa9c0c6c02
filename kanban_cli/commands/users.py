"""Users of a server: create, list, show, edit, disable."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli import server_commands
from kanban_cli.commands.server import Database
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_cells, print_field, print_rows
from kanban_cli.render.sentences import EMPTY_CELL, format_cell
from kanban_cli.values.tags import split_tags
from kanban_sdk.calls import users

if TYPE_CHECKING:
    from kanban_sdk.wire.bodies.user_bodies import UserEdit
    from kanban_sdk.wire.users import NewUser, User

app = group(
    "Manage the users of a server.",
    examples=["kanban user create ada --admin", "kanban user list"],
    without=["board", "lease"],
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]
Role = Annotated[Literal["admin", "user", "viewer"] | None, typer.Option(help="What the user may do.")]
DisplayName = Annotated[str | None, typer.Option(metavar="NAME", help="The name that people see; empty for none.")]
Can = Annotated[
    str | None,
    typer.Option("--can", metavar="TAGS", help="What the user can of what tickets need, such as gpu,db; admins only."),
]
Team = Annotated[str | None, typer.Option(metavar="TEAM", help="The user's team; empty for none.")]


@command(
    app,
    examples=["kanban user create ada --admin", "kanban user create builder --agent-of ada"],
    without=["board", "lease"],
)
def create(
    invocation: Invocation,
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="The same as --role admin.")] = False,
    role: Role = None,
    agent: Annotated[bool, typer.Option("--agent", help="Create an agent of your own.")] = False,
    agent_of: Annotated[
        str | None, typer.Option(metavar="USER", help="Create an agent of this person; admins only.")
    ] = None,
    display_name: DisplayName = None,
    team: Team = None,
    can: Can = None,
    no_token: Annotated[bool, typer.Option("--no-token", help="Create no first token.")] = False,
    database: Database = None,
) -> None:
    """Create a user, and print the secret of a first token once.

    The first user is an admin, and is created on the server's own machine. From then on the server requires tokens.
    """
    effective_role = role or ("admin" if admin else "user")
    if not (agent or agent_of or no_token) and server_commands.is_local_without_token(invocation):
        flags = {"--role": effective_role, "--display-name": display_name, "--team": team, "--can": can}
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
        can=None if can is None else split_tags(can),
    )

    def print_user(created: "NewUser") -> None:
        print(created.user.name, created.user.role, *([created.secret] if created.secret else []), sep="\t")

    invocation.send_and_print(call, print_user)


@command(app, "list", examples=["kanban user list", "kanban user list --json"], without=["board", "lease"])
def list_users(invocation: Invocation) -> None:
    """List users: name, role, kind, owner, team, state."""

    def print_users(user_list: "list[User]") -> None:
        rows = [_user_row(user) for user in user_list]
        print_rows(["name", "role", "kind", "of", "team", "state"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(users.all(), print_users)


@command(app, examples=["kanban user show ada", "kanban user show ada --json"], without=["board", "lease"])
def show(invocation: Invocation, name: Name) -> None:
    """Show a user."""

    def print_user(user: "User") -> None:
        for field in ("name", "display_name", "role", "kind", "owner", "team", "can", "created_at", "disabled"):
            if (value := getattr(user, field)) not in (None, False, []):
                print_field(field.replace("_", " "), format_cell(value))

    invocation.send_and_print(users.get(name), print_user)


@command(
    app,
    examples=["kanban user edit bob --role viewer", "kanban user edit bob --name robert"],
    without=["board", "lease"],
)
def edit(
    invocation: Invocation,
    user_name: Name,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="A new name; the old one stays reserved for the user.")
    ] = None,
    role: Role = None,
    display_name: DisplayName = None,
    team: Team = None,
    can: Can = None,
    enable: Annotated[bool, typer.Option("--enable", help="Enable a disabled user again.")] = False,
) -> None:
    """Change a user's name, role, team or tags, or enable a user again."""
    fields: UserEdit = {}
    if name is not None:
        fields["name"] = name
    if role is not None:
        fields["role"] = role
    if display_name is not None:
        fields["display_name"] = display_name
    if team is not None:
        fields["team"] = team
    if can is not None:
        fields["can"] = split_tags(can)
    if enable:
        fields["disabled"] = False
    if not fields:
        raise CommandError(USAGE, "No change is named.", fix="kanban user edit --help")
    invocation.send_and_print(users.edit(user_name, **fields), lambda edited: print_cells(*_user_row(edited)))


@command(app, examples=["kanban user disable bob", "kanban user disable builder"], without=["board", "lease"])
def disable(invocation: Invocation, name: Name) -> None:
    """Disable a user, and end their tokens and sessions.

    Their agents are disabled too. `kanban user edit NAME --enable` undoes it.
    """
    invocation.send_and_print(users.edit(name, disabled=True), lambda user: print_cells(*_user_row(user)))


def _user_row(user: "User") -> list[str]:
    state = "disabled" if user.disabled else EMPTY_CELL
    return [user.name, user.role, user.kind, user.owner or EMPTY_CELL, user.team or EMPTY_CELL, state]
