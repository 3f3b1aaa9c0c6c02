"""Who one is to a server: login, logout, whoami, join, invite."""

import os
import sys
from typing import Annotated, Any, Literal

import typer

from kanban_cli import logins
from kanban_cli.context import as_json, given, send, token, url, wire
from kanban_cli.exits import NOT_ALLOWED, USAGE, Stop
from kanban_cli.options import command
from kanban_cli.output import say, say_cells, say_json, say_rows
from kanban_cli.texts import NOBODY
from kanban_sdk.calls import users

app = typer.Typer()

BoardIds = Annotated[
    list[int] | None, typer.Option("--only", metavar="BOARD", help="Only this board, by number; may be repeated.")
]


@command(app, examples=["kanban login", "kanban login --url https://board.example"])
def login() -> None:
    """Keep a token for the server at the URL: it is read from stdin, or asked for, and never shown."""
    given({"url": url()})  # a login there is the consent that a server needs which only a project's file names
    _keep(_secret(f"Log in at {url()}. Token: "))


@command(app, examples=["kanban logout", "kanban logout --url https://board.example"])
def logout() -> None:
    """Forget the token for the server at the URL. The token stays good: `kanban token revoke` ends it."""
    forgotten = logins.forget(url())
    if as_json():
        say_json({"url": url(), "forgotten": forgotten})
    else:
        say(f"Logged out of {url()}." if forgotten else f"There was no login at {url()}.")


@command(app, examples=["kanban whoami", "kanban whoami --json"])
def whoami() -> None:
    """Show who you are to the server, with which token, and what it is good for."""
    told = wire(users.session())
    found = users.session().read(told)
    if as_json() and (found.user or found.mode == "open"):
        say_json(told)
        return
    if found.mode == "open":
        from kanban_cli.context import setting

        say_rows(["what", "is"], [["mode", "open"], ["user", setting("user") or NOBODY]])
        return
    if found.user is None:
        raise Stop(NOT_ALLOWED, f"{url()} does not know you.", fix="kanban login")
    rows = [
        ["user", found.user.name],
        ["role", found.user.role],
        *([["agent of", found.user.owner]] if found.user.owner else []),
        ["token", found.token or NOBODY],
        ["good for", "everything" if found.access == "write" else "reading"],
        *([["boards", " ".join(map(str, found.boards))]] if found.boards else []),
        *([["until", found.expires_at]] if found.expires_at else []),
    ]
    say_rows(["what", "is"], rows)


@command(app, examples=["kanban invite", "kanban invite builder --only 2 --access write"])
def invite(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Its name, if you choose it.")] = None,
    person: Annotated[bool, typer.Option("--person", help="A person, not an agent of yours. For admins.")] = False,
    role: Annotated[Literal["admin", "user", "viewer"], typer.Option(help="What they may do.")] = "user",
    access: Annotated[Literal["read", "write"], typer.Option(help="What their token is good for.")] = "write",
    only: BoardIds = None,
    hours: Annotated[int, typer.Option(metavar="N", help="How long it is good.")] = 24,
) -> None:
    """Print a link that gives an agent of yours a token of its own, once: `kanban join LINK`."""
    from kanban_sdk.calls import tokens

    kind: Any = "person" if person else "agent"
    made = send(tokens.invite(name, kind=kind, role=role, access=access, boards=only, hours=hours))
    link = f"{url()}/join#{made.secret}"
    if as_json():
        say_json({"url": link, "kind": made.kind, "name": made.name, "expires_at": made.expires_at})
    else:
        print(link)  # whole, however long: it is to be copied


@command(app, examples=["kanban join http://127.0.0.1:8000/join#kbn_i_… -u builder", "kanban join - -u builder"])
def join(
    link: Annotated[str, typer.Argument(metavar="URL", help="The link that `kanban invite` printed; - reads stdin.")],
) -> None:
    """Take an invite, once: be a user of the server, under the name of -u, and keep the token."""
    from kanban_cli.context import asked
    from kanban_sdk.calls import tokens

    server, found, secret = (_stdin() if link == "-" else link).partition("/join#")
    if not found:
        raise Stop(USAGE, "This is no link of an invite.", fix="kanban join http://HOST/join#kbn_i_…")
    given({"url": server})
    os.environ.pop("KANBAN_TOKEN", None)  # it is of another user, and maybe of another server
    joined = send(tokens.join(secret, asked("user")))
    assert joined.secret is not None
    _kept(joined.secret, joined.user.name, joined.user.role)


@command(app, examples=["kanban notice 'Down for a minute at six'", "kanban notice 'Look at ticket 12' --to bob"])
def notice(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be said.")],
    to: Annotated[list[str] | None, typer.Option("--to", metavar="USER", help="Only to them; may be repeated.")] = None,
) -> None:
    """Tell all who are connected something, now; it is kept nowhere. For admins."""
    from kanban_cli.context import answer

    answer(users.notify(text, to), lambda told: say(f"Told at {told.connections} connections."))


def _keep(secret: str) -> None:
    """Keep a token that the server knows."""
    import os

    os.environ["KANBAN_TOKEN"] = secret
    token.cache_clear()
    found = send(users.session())
    if found.mode == "open":
        detail = f"{url()} has no users: nobody needs a token there."
        raise Stop(USAGE, detail, fix="kanban user create NAME --admin")
    if found.user is None:
        raise Stop(NOT_ALLOWED, f"{url()} does not know this token.", fix="kanban login")
    _kept(secret, found.user.name, found.user.role)


def _kept(secret: str, name: str, role: str) -> None:
    kept = logins.keep(url(), secret, name)
    if as_json():
        say_json({"url": url(), "user": name, "role": role, "file": str(kept)})
    else:
        say_cells(f"You are {name}", role, url())


def _secret(prompt: str) -> str:
    """A secret from stdin, or from a prompt that does not show it; never from the arguments, which everybody sees."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(prompt).strip()
    return _stdin()


def _stdin() -> str:
    return sys.stdin.read().strip()
