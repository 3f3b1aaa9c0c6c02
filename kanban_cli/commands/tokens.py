"""Tokens that authenticate programs and browsers."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli import server_commands
from kanban_cli.commands.identity import BoardIds
from kanban_cli.commands.server import Database
from kanban_cli.invocation import Invocation
from kanban_cli.options import command, group
from kanban_cli.render.output import print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import tokens

app = group(
    "Tokens: what programs and browsers show to say whose they are.",
    examples=["kanban token create laptop", "kanban token revoke 7"],
)


@command(app, examples=["kanban token create laptop", "kanban token create ci --access read --only 2 --days 90"])
def create(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    owner: Annotated[str | None, typer.Option("--for", metavar="USER", help="Whose, if not yours.")] = None,
    access: Annotated[Literal["read", "write"], typer.Option(help="What it is good for.")] = "write",
    only: BoardIds = None,
    days: Annotated[
        int | None, typer.Option(metavar="N", help="How long it is good; else until it is revoked.")
    ] = None,
    database: Database = None,
) -> None:
    """Make a token, and print it, this once. On the server's own machine also where no token is left: with --for."""
    if (
        server_commands.is_local_without_token(invocation)
        and owner is not None
        and access == "write"
        and not only
        and days is None
    ):
        server_commands.exec_server_command(invocation, "token", database, "--user", owner, "--", name)
    call = tokens.create(name, user=owner, access=access, boards=only, days=days)
    invocation.send_and_print(call, lambda made: print(made.token.user, made.token.name, made.secret, sep="\t"))


@command(app, "list", examples=["kanban token list", "kanban token list --all"])
def list_tokens(
    invocation: Invocation,
    owner: Annotated[str | None, typer.Option("--for", metavar="USER", help="Of this user.")] = None,
    all_users: Annotated[bool, typer.Option("--all", help="Everybody's. For admins.")] = False,
) -> None:
    """List your tokens and your agents': number, user, name, beginning, access, last use, state."""

    def print_tokens(token_list: Any) -> None:
        rows = [
            [
                token.id,
                token.user,
                token.name,
                f"{token.beginning}…",
                token.access + (f" {','.join(map(str, token.boards))}" if token.boards else ""),
                (token.last_used_at or EMPTY_CELL)[:19],
                _token_state(token),
            ]
            for token in token_list
        ]
        print_rows(["id", "user", "name", "begins", "access", "used", "state"], rows, f"{len(rows)} of {len(rows)}")

    invocation.send_and_print(tokens.all("*" if all_users else owner), print_tokens)


@command(app, examples=["kanban token revoke 7", "kanban token revoke 7 --json"])
def revoke(
    invocation: Invocation,
    token: Annotated[int, typer.Argument(metavar="ID", help="The token's number, as `list` has it.")],
) -> None:
    """End a token, and all that is logged in or connected with it."""
    invocation.send_and_print(tokens.revoke(token), lambda done: print_line(done.message))


def _token_state(token: Any) -> str:
    if token.revoked_at:
        return "revoked"
    return f"until {token.expires_at[:10]}" if token.expires_at else "-"
