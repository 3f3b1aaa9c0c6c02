"""Tokens that authenticate programs and browsers: create, list, revoke."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli import server_commands
from kanban_cli.commands.identity import BoardIds
from kanban_cli.commands.server import Database
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_cli.values.tags import split_tags
from kanban_sdk.calls import tokens

if TYPE_CHECKING:
    from kanban_sdk.wire.users import NewToken, Token

app = group(
    "Manage the tokens that authenticate programs and browsers.",
    examples=["kanban token create laptop", "kanban token revoke 7"],
    without=["board", "lease"],
)


@command(
    app,
    examples=["kanban token create laptop", "kanban token create ci --access read --only 2 --days 90"],
    without=["board", "lease"],
)
def create(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for, such as laptop.")],
    owner: Annotated[str | None, typer.Option("--for", metavar="USER", help="The user. Default: you.")] = None,
    access: Annotated[Literal["read", "write"], typer.Option(help="What the token allows.")] = "write",
    only: BoardIds = None,
    days: Annotated[
        int | None, typer.Option(metavar="N", help="Days until it expires. Default: it does not expire.")
    ] = None,
    can: Annotated[
        str | None, typer.Option("--can", metavar="TAGS", help="Only these of the user's tags, such as gpu,db.")
    ] = None,
    database: Database = None,
) -> None:
    """Create a token, and print its secret once.

    On the server's own machine, --for USER works without a token, in case all of them are lost.
    """
    needs_no_token = owner is not None and access == "write" and not only and days is None and can is None
    if needs_no_token and server_commands.is_local_without_token(invocation):
        server_commands.exec_server_command(invocation, "token", database, "--user", owner, "--", name)
    tags = None if can is None else split_tags(can)
    call = tokens.create(name, user=owner, access=access, boards=only, days=days, can=tags)

    def print_token(created: "NewToken") -> None:
        print(created.token.user, created.token.name, created.secret, sep="\t")

    invocation.send_and_print(call, print_token)


@command(app, "list", examples=["kanban token list", "kanban token list --all"], without=["board", "lease"])
def list_tokens(
    invocation: Invocation,
    owner: Annotated[str | None, typer.Option("--for", metavar="USER", help="Only tokens of this user.")] = None,
    all_users: Annotated[bool, typer.Option("--all", help="Tokens of all users; admins only.")] = False,
) -> None:
    """List your tokens and those of your agents.

    A row has the number, user, name, first characters, access, last use and state.
    """

    def print_tokens(token_list: "list[Token]") -> None:
        rows = [
            [
                token.id,
                token.user,
                token.name,
                f"{token.beginning}…",
                token.access
                + (f" {','.join(map(str, token.boards))}" if token.boards else "")
                + ("" if token.can is None else f" can {','.join(token.can) or 'nothing'}"),
                (token.last_used_at or EMPTY_CELL)[:19],
                _token_state(token),
            ]
            for token in token_list
        ]
        print_rows(["id", "user", "name", "begins", "access", "used", "state"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(tokens.all("*" if all_users else owner), print_tokens)


@command(app, examples=["kanban token revoke 7", "kanban token revoke 7 --json"], without=["board", "lease"])
def revoke(
    invocation: Invocation,
    token: Annotated[int, typer.Argument(metavar="TOKEN", help="The token's number, as `kanban token list` shows it.")],
) -> None:
    """Revoke a token, and end its sessions and connections."""
    invocation.send_and_print(tokens.revoke(token), lambda revoked: print_line(revoked.message))


def _token_state(token: "Token") -> str:
    if token.revoked_at:
        return "revoked"
    return f"until {token.expires_at[:10]}" if token.expires_at else EMPTY_CELL
