"""The one door to the SDK, opened on first use; and where its settings come from."""

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kanban_cli.exits import NOT_FOUND, USAGE, Stop
from kanban_cli.output import say_json
from kanban_sdk.project import CONFIG as CONFIG
from kanban_sdk.project import DEFAULT_URL as DEFAULT_URL
from kanban_sdk.project import project_config, token_may_go, user_folder

if TYPE_CHECKING:
    from kanban_sdk import AsyncKanban, Kanban
    from kanban_sdk.calls import Call

T = TypeVar("T")

_given: dict[str, Any] = {}
_transport: dict[str, Any] = {}
"""What the small transport does otherwise than usual."""


def given(options: dict[str, Any]) -> None:
    """Keep the common options that were given; what stands nearer to the end of the line wins."""
    _given.update({name: value for name, value in options.items() if value})


@cache
def configured() -> dict[str, Any]:
    """What `.kanban.toml`, found upwards, and the user's own config say; the nearer one wins."""
    found = project_config()
    return _read(user_config()) | (_read(found) if found else {})


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(USAGE, f"{file} can't be read: {error}", fix=f"Correct {file}, or remove it.") from error


def user_config() -> Path:
    """Where a user's own config stands."""
    return user_folder() / "config.toml"


def asked(name: str) -> str | None:
    """A setting as the option or the environment says it."""
    value = _given.get(name) or os.environ.get(f"KANBAN_{name.upper()}")
    return str(value) if value else None


def setting(name: str) -> str | None:
    """A setting: the option, the environment, `.kanban.toml`, the user's config, in that order."""
    value = asked(name) or configured().get(name)
    return str(value) if value else None


def url() -> str:
    """The server. Stops where the setting is no address."""
    from kanban_sdk.calls.address import address
    from kanban_sdk.errors import Unreachable

    set_to = (setting("url") or DEFAULT_URL).rstrip("/")
    try:
        address(set_to)
    except Unreachable as error:
        raise Stop(USAGE, f"'{set_to}': {error.reason}.", fix=f"kanban status --url {DEFAULT_URL}") from error
    return set_to


def option(name: str) -> str | None:
    """A common option, if it was typed."""
    return _given.get(name)


def as_json() -> bool:
    """Whether the answer is wanted as JSON."""
    return bool(_given.get("json"))


def typed(*more: str) -> str:
    """The command as it was typed, and what to put behind it: what to type next."""
    import shlex

    return shlex.join(["kanban", *sys.argv[1:], *more])


def headers() -> dict[str, str]:
    """The headers of every request: who acts, under which claim, that it is the command line, and strict."""
    from kanban_sdk.calls.call import STRICT

    sent = {"X-Kanban-Client": "cli", **STRICT}
    if shown := token():
        sent["Authorization"] = f"Bearer {shown}"
    user, lease = claimed_user(), asked("lease")
    if user or lease:
        from urllib.parse import quote

        if user:
            sent["X-Kanban-User"] = quote(user, errors="surrogatepass")
        if lease:
            sent["Kanban-Lease"] = quote(lease, errors="surrogatepass")
    return sent


@cache
def token() -> str | None:
    """The token for the server: KANBAN_TOKEN, or what `kanban login` has kept; no option, which everybody could see.

    Stops where KANBAN_TOKEN can't be a token, or would go to a server that only a project's file names
    (`kanban_sdk.project`).
    """
    given = os.environ.get("KANBAN_TOKEN", "").strip()
    if given:
        if not (given.isascii() and given.isprintable()):
            raise Stop(USAGE, "KANBAN_TOKEN holds a character that no token has.", fix="kanban login")
        _check_may_have_token()
        return given
    from kanban_cli import logins

    kept: str | None = logins.of(url()).get("token")
    return kept


def _check_may_have_token() -> None:
    """A file that came with somebody else's project must not be able to send for the token."""
    try:
        if token_may_go(url(), asked("url"), _read(user_config()).get("url")):
            return
    except (OSError, ValueError) as error:
        raise Stop(USAGE, f"Your logins can't be read: {error}", fix="kanban login --help") from error
    raise Stop(
        USAGE,
        f"KANBAN_TOKEN is not sent to {url()}, which only {project_config()} names."
        " If you trust it, log in there, or name it in KANBAN_URL.",
        fix=f"kanban login --url {url()}",
    )


def claimed_user() -> str | None:
    """The name that requests bear. Where a token says whose they are, only a name that was asked for just now."""
    return asked("user") if token() else setting("user")


@cache
def acting() -> str | None:
    """Who acts, as far as it is known: the user whose token it is, else who is named."""
    if asked("user") or not token():
        return setting("user")
    from kanban_cli import logins
    from kanban_sdk.calls import users

    kept: str | None = None if os.environ.get("KANBAN_TOKEN") else logins.of(url()).get("user")
    if kept:
        return kept
    found = send(users.session()).user
    return found.name if found else setting("user")


def names_of(user: str) -> tuple[str, ...]:
    """All names that a user has, or once had, the present one first; on a server without users, this one."""
    if not token():
        return (user,)
    from kanban_sdk.calls import users

    me = send(users.session()).user
    for one in [me] if me and user in (me.name, *me.former_names) else send(users.all()):
        if user in (names := (one.name, *one.former_names)):
            return names
    return (user,)


def hurry() -> None:
    """For what is only looked up: wait for no slow server, and act under no lease."""
    _transport.update(timeout=3.0, tries=1)
    _given.pop("lease", None)
    os.environ.pop("KANBAN_LEASE", None)


def send(call: "Call[T]") -> T:
    """Send one call through the small transport."""
    answer: T = _plain().send(call)
    return answer


def wire(call: "Call[Any]") -> Any:
    """Send one call, and give its answer as it came: the wire object."""
    from dataclasses import replace

    return send(replace(call, read=_as_it_is))


def answer(call: "Call[T]", show: Callable[[T], None]) -> None:
    """Send one call, and give its answer: the wire object with `--json`, else as `show` shows it."""
    if as_json():
        say_json(wire(call))
    else:
        show(send(call))


def _as_it_is(data: Any) -> Any:
    return data


@cache
def _plain() -> Any:
    from kanban_sdk.plain import Plain

    return Plain(url(), headers(), **_transport)


@cache
def kanban() -> "Kanban":
    """The whole client, for commands that stay connected."""
    from kanban_sdk import Kanban

    return Kanban(url(), claimed_user(), token=token(), notice=notice, client="cli")


def patient_kanban(patience: float) -> "AsyncKanban":
    """The whole client, to be awaited: it tries again for so many seconds while the server is away."""
    from kanban_sdk import AsyncKanban

    options: dict[str, Any] = {"tries": None, "patience": patience, "notice": notice, "client": "cli"}
    return AsyncKanban(url(), claimed_user(), token=token(), **options)


def notice(text: str) -> None:
    """Say something on stderr that is no error, such as that the server is away."""
    from kanban_cli.output import safe

    print(safe(f"kanban: {text}"), file=sys.stderr, flush=True)


@cache
def board() -> int:
    """The board that is meant: the one that is named, or the only one. Stops where that is not clear."""
    wanted = setting("board")
    if wanted and wanted.isdecimal() and wanted.isascii():
        return int(wanted)
    from kanban_sdk.calls import boards

    known = send(boards.all())
    fits = [one for one in known if one.name == wanted] or [
        one for one in known if not wanted or one.name.casefold() == wanted.casefold()
    ]
    if len(fits) == 1:
        return fits[0].id
    names = ", ".join(f"{one.id} {one.name}" for one in (fits or known)) or "none"
    if wanted and not fits:
        raise Stop(NOT_FOUND, f"There is no board '{wanted}'. Boards: {names}.", fix="kanban board list")
    fix = typed("-b", str((fits or known)[0].id)) if known else "kanban board add NAME"
    raise Stop(USAGE, f"Which board? There are: {names}.", fix=fix)
