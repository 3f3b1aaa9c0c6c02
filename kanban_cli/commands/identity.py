"""The user's identity on a server: login, logout, whoami, invite, join, notice."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kanban_cli import credentials
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_ALLOWED, USAGE
from kanban_cli.invocation import Invocation, Options
from kanban_cli.options import command
from kanban_cli.render.output import print_cells, print_line, print_rows
from kanban_cli.render.sentences import EMPTY_CELL
from kanban_sdk.calls import users

if TYPE_CHECKING:
    from kanban_sdk.wire.users import Kind, User

app = typer.Typer()

BoardIds = Annotated[
    list[int] | None,
    typer.Option("--only", metavar="BOARD", help="Limit it to this board, by number; may be repeated."),
]


@command(app, examples=["kanban login", "kanban login --url https://board.example"], without=["board", "user", "lease"])
def login(invocation: Invocation) -> None:
    """Save a token for the server at the URL.

    The token is read from stdin or a prompt, and is never shown.
    """
    url = invocation.server_url
    invocation = invocation.with_options(Options(url=url))  # a login trusts a server that only a project file names
    secret = _read_secret(f"Log in at {url}. Token: ")
    session = invocation.with_token(secret).send(users.session())
    if session.mode == "open":
        detail = f"{url} has no users: nobody needs a token there."
        raise CommandError(USAGE, detail, fix="kanban user create --help")
    if session.user is None:
        raise CommandError(NOT_ALLOWED, f"{url} does not know this token.", fix="kanban login --help")
    _save_login(invocation, secret, session.user)


@command(
    app, examples=["kanban logout", "kanban logout --url https://board.example"], without=["board", "user", "lease"]
)
def logout(invocation: Invocation) -> None:
    """Delete the saved token for the server at the URL.

    The token stays valid: `kanban token revoke` ends it.
    """
    deleted = credentials.delete_login(invocation.server_url)
    if invocation.options.json:
        invocation.print_json({"url": invocation.server_url, "forgotten": deleted})
    else:
        print_line(
            f"Logged out of {invocation.server_url}." if deleted else f"There was no login at {invocation.server_url}."
        )


@command(app, examples=["kanban whoami", "kanban whoami --json"], without=["board", "lease"])
def whoami(invocation: Invocation) -> None:
    """Show your user on the server, and what your token allows."""
    call = users.session()
    session_data = invocation.send_raw(call)
    session = call.read(session_data)
    if invocation.options.json and (session.user or session.mode == "open"):
        invocation.print_json(session_data)
        return
    if session.mode == "open":
        print_rows(["what", "is"], [["mode", "open"], ["user", invocation.setting("user") or EMPTY_CELL]])
        return
    if session.user is None:
        raise CommandError(NOT_ALLOWED, f"{invocation.server_url} does not know you.", fix="kanban login --help")
    rows = [
        ["user", session.user.name],
        ["role", session.user.role],
        *([["agent of", session.user.owner]] if session.user.owner else []),
        ["token", session.token or EMPTY_CELL],
        ["access", session.access or EMPTY_CELL],
        *([["boards", " ".join(map(str, session.boards))]] if session.boards else []),
        *([["can", " ".join(session.can)]] if session.can else []),
        *([["until", session.expires_at]] if session.expires_at else []),
    ]
    print_rows(["what", "is"], rows)


@command(app, examples=["kanban invite", "kanban invite builder --only 2 --access write"], without=["board", "lease"])
def invite(
    invocation: Invocation,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The name of the new user. Default: the one that they choose."),
    ] = None,
    person: Annotated[
        bool, typer.Option("--person", help="Invite a person instead of an agent of yours; admins only.")
    ] = False,
    role: Annotated[Literal["admin", "user", "viewer"], typer.Option(help="What the new user may do.")] = "user",
    access: Annotated[Literal["read", "write"], typer.Option(help="What their token allows.")] = "write",
    only: BoardIds = None,
    hours: Annotated[int, typer.Option(metavar="N", help="Hours until the link expires.")] = 24,
) -> None:
    """Print a link with which an agent of yours joins the server.

    `kanban join LINK` takes it, once, and saves a token for the new user.
    """
    from kanban_sdk.calls import tokens

    kind: Kind = "person" if person else "agent"
    new_invite = invocation.send(tokens.invite(name, kind=kind, role=role, access=access, boards=only, hours=hours))
    link = f"{invocation.server_url}/join#{new_invite.secret}"
    if invocation.options.json:
        invocation.print_json(
            {"url": link, "kind": new_invite.kind, "name": new_invite.name, "expires_at": new_invite.expires_at}
        )
    else:
        print(link)  # never cut: the link is meant to be copied


@command(
    app,
    examples=["kanban join http://127.0.0.1:8000/join#kbn_i_… -u builder", "kanban join - -u builder"],
    without=["board", "url", "lease"],
)
def join(
    invocation: Invocation,
    link: Annotated[str, typer.Argument(metavar="URL", help="The link that `kanban invite` printed; - reads stdin.")],
) -> None:
    """Join a server with an invite link, and save the token.

    -u NAME chooses your name, unless the invite has one.
    """
    from kanban_sdk.calls import tokens

    server, separator, secret = (_read_stdin() if link == "-" else link).partition("/join#")
    if not separator:
        raise CommandError(USAGE, "This is no invite link.", fix="kanban join --help")
    # The token of the environment belongs to another user, and maybe to another server.
    guest = invocation.with_options(Options(url=server)).with_token(None)
    new_user = guest.send(tokens.join(secret, invocation.explicit_setting("user")))
    assert new_user.secret is not None
    _save_login(guest, new_user.secret, new_user.user)


@command(
    app,
    examples=["kanban notice 'Down for a minute at six'", "kanban notice 'Look at ticket 12' --to bob"],
    without=["board", "lease"],
)
def notice(
    invocation: Invocation,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="USER", help="Send it only to this user; may be repeated.")
    ] = None,
) -> None:
    """Send a notice to everybody who is connected; admins only.

    It is shown once, and not stored.
    """
    invocation.send_and_print(
        users.notify(text, to), lambda sent: print_line(f"Sent to {sent.connections} connections.")
    )


def _save_login(invocation: Invocation, secret: str, user: "User") -> None:
    login_file = credentials.save_login(invocation.server_url, secret, user.name)
    if invocation.options.json:
        invocation.print_json(
            {"url": invocation.server_url, "user": user.name, "role": user.role, "file": str(login_file)}
        )
    else:
        print_cells(f"You are {user.name}", user.role, invocation.server_url)


def _read_secret(prompt: str) -> str:
    """Read a secret from stdin or a hidden prompt; never from the arguments, which other users can see."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(prompt).strip()
    return _read_stdin()


def _read_stdin() -> str:
    return sys.stdin.read().strip()
