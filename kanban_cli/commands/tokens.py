"""Tokens: what programs and browsers show to say whose they are."""

from typing import Annotated, Any, Literal

import typer

from kanban_cli import verbs
from kanban_cli.commands.identity import BoardIds
from kanban_cli.commands.server import Database
from kanban_cli.context import answer
from kanban_cli.options import command, group
from kanban_cli.output import say, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import tokens

app = group(
    "Tokens: what programs and browsers show to say whose they are.",
    examples=["kanban token create laptop", "kanban token revoke 7"],
)


@command(app, examples=["kanban token create laptop", "kanban token create ci --access read --only 2 --days 90"])
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    whose: Annotated[str | None, typer.Option("--for", metavar="USER", help="Whose, if not yours.")] = None,
    access: Annotated[Literal["read", "write"], typer.Option(help="What it is good for.")] = "write",
    only: BoardIds = None,
    days: Annotated[
        int | None, typer.Option(metavar="N", help="How long it is good; else until it is revoked.")
    ] = None,
    database: Database = None,
) -> None:
    """Make a token, and print it, this once. On the server's own machine also where no token is left: with --for."""
    if verbs.at_home() and whose is not None and access == "write" and not only and days is None:
        verbs.run("token", database, "--user", whose, "--", name)
    call = tokens.create(name, user=whose, access=access, boards=only, days=days)
    answer(call, lambda made: print(made.token.user, made.token.name, made.secret, sep="\t"))


@command(app, "list", examples=["kanban token list", "kanban token list --all"])
def list_tokens(
    whose: Annotated[str | None, typer.Option("--for", metavar="USER", help="Of this user.")] = None,
    everybodys: Annotated[bool, typer.Option("--all", help="Everybody's. For admins.")] = False,
) -> None:
    """List your tokens and your agents': number, user, name, beginning, access, last use, state."""

    def show_all(found: Any) -> None:
        rows = [
            [
                one.id,
                one.user,
                one.name,
                f"{one.beginning}…",
                one.access + (f" {','.join(map(str, one.boards))}" if one.boards else ""),
                (one.last_used_at or NOBODY)[:19],
                _state(one),
            ]
            for one in found
        ]
        say_rows(["id", "user", "name", "begins", "access", "used", "state"], rows, f"{len(rows)} of {len(rows)}")

    answer(tokens.all("*" if everybodys else whose), show_all)


@command(app, examples=["kanban token revoke 7", "kanban token revoke 7 --json"])
def revoke(token: Annotated[int, typer.Argument(metavar="ID", help="The token's number, as `list` has it.")]) -> None:
    """End a token, and all that is logged in or connected with it."""
    answer(tokens.revoke(token), lambda done: say(done.message))


def _state(one: Any) -> str:
    if one.revoked_at:
        return "revoked"
    return f"until {one.expires_at[:10]}" if one.expires_at else "-"
