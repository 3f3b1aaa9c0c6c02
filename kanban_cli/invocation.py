"""Access to the SDK, loaded on first use, and the settings of the invocation."""

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, USAGE
from kanban_cli.render.output import print_json
from kanban_sdk.project import CONFIG as CONFIG
from kanban_sdk.project import DEFAULT_URL as DEFAULT_URL
from kanban_sdk.project import find_project_config, may_send_token, user_config_folder

if TYPE_CHECKING:
    from kanban_sdk import AsyncKanban, Kanban
    from kanban_sdk.calls import Call

T = TypeVar("T")

_options: dict[str, Any] = {}
_transport_options: dict[str, Any] = {}
"""Options of the small transport that differ from the defaults."""


def set_options(options: dict[str, Any]) -> None:
    """Store the common options that were typed; the last occurrence on the line wins."""
    _options.update({name: value for name, value in options.items() if value})


@cache
def load_config() -> dict[str, Any]:
    """Merge `.kanban.toml`, searched upwards, over the user's own config."""
    project_file = find_project_config()
    return _read_config(user_config_path()) | (_read_config(project_file) if project_file else {})


def _read_config(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(USAGE, f"{file} can't be read: {error}", fix=f"Correct {file}, or remove it.") from error


def user_config_path() -> Path:
    """Return the path of the user's own config."""
    return user_config_folder() / "config.toml"


def get_explicit_setting(name: str) -> str | None:
    """Return a setting from its option or the environment."""
    value = _options.get(name) or os.environ.get(f"KANBAN_{name.upper()}")
    return str(value) if value else None


def get_setting(name: str) -> str | None:
    """Return a setting, in order: option, environment, `.kanban.toml`, user config."""
    value = get_explicit_setting(name) or load_config().get(name)
    return str(value) if value else None


def server_url() -> str:
    """Return the server's URL. Stops if the setting is no URL."""
    from kanban_sdk.calls.address import parse_address
    from kanban_sdk.errors import Unreachable

    configured_url = (get_setting("url") or DEFAULT_URL).rstrip("/")
    try:
        parse_address(configured_url)
    except Unreachable as error:
        raise CommandError(
            USAGE, f"'{configured_url}': {error.reason}.", fix=f"kanban status --url {DEFAULT_URL}"
        ) from error
    return configured_url


def get_option(name: str) -> str | None:
    """Return a common option if it was typed."""
    return _options.get(name)


def wants_json() -> bool:
    """Whether the output is JSON."""
    return bool(_options.get("json"))


def command_line(*more: str) -> str:
    """Return the typed command with `more` appended, to suggest as the next command."""
    import shlex

    return shlex.join(["kanban", *sys.argv[1:], *more])


def request_headers() -> dict[str, str]:
    """Return the headers of every request: user, claim, client kind (the command line), and strict."""
    from kanban_sdk.calls.call import STRICT_HEADERS

    headers = {"X-Kanban-Client": "cli", **STRICT_HEADERS}
    if token := get_token():
        headers["Authorization"] = f"Bearer {token}"
    user, lease = request_user(), get_explicit_setting("lease")
    if user or lease:
        from urllib.parse import quote

        if user:
            headers["X-Kanban-User"] = quote(user, errors="surrogatepass")
        if lease:
            headers["Kanban-Lease"] = quote(lease, errors="surrogatepass")
    return headers


@cache
def get_token() -> str | None:
    """Return the token: KANBAN_TOKEN, or the one that `kanban login` saved; no option, as others can see those.

    Stops if KANBAN_TOKEN is no valid token, or would go to a server that only a project file names
    (`kanban_sdk.project`).
    """
    environment_token = os.environ.get("KANBAN_TOKEN", "").strip()
    if environment_token:
        if not (environment_token.isascii() and environment_token.isprintable()):
            raise CommandError(USAGE, "KANBAN_TOKEN holds a character that no token has.", fix="kanban login")
        _check_token_allowed()
        return environment_token
    from kanban_cli import credentials

    stored_token: str | None = credentials.stored_login(server_url()).get("token")
    return stored_token


def _check_token_allowed() -> None:
    """Refuse to send the token where a project file of somebody else directs it."""
    try:
        if may_send_token(server_url(), get_explicit_setting("url"), _read_config(user_config_path()).get("url")):
            return
    except (OSError, ValueError) as error:
        raise CommandError(USAGE, f"Your logins can't be read: {error}", fix="kanban login --help") from error
    raise CommandError(
        USAGE,
        f"KANBAN_TOKEN is not sent to {server_url()}, which only {find_project_config()} names."
        " If you trust it, log in there, or name it in KANBAN_URL.",
        fix=f"kanban login --url {server_url()}",
    )


def request_user() -> str | None:
    """Return the user name to send. With a token, only a name given explicitly in this invocation."""
    return get_explicit_setting("user") if get_token() else get_setting("user")


@cache
def current_user() -> str | None:
    """Return the acting user, if known: the token's user, else the named user."""
    if get_explicit_setting("user") or not get_token():
        return get_setting("user")
    from kanban_cli import credentials
    from kanban_sdk.calls import users

    stored_user: str | None = (
        None if os.environ.get("KANBAN_TOKEN") else credentials.stored_login(server_url()).get("user")
    )
    if stored_user:
        return stored_user
    session_user = send(users.session()).user
    return session_user.name if session_user else get_setting("user")


def names_of(user: str) -> tuple[str, ...]:
    """Return all names that a user has or had, the current one first; on a server without users, only this one."""
    if not get_token():
        return (user,)
    from kanban_sdk.calls import users

    me = send(users.session()).user
    for board in [me] if me and user in (me.name, *me.former_names) else send(users.all()):
        if user in (names := (board.name, *board.former_names)):
            return names
    return (user,)


def use_quick_lookups() -> None:
    """Set up for look-ups only: a short timeout, one try, and no lease."""
    _transport_options.update(timeout=3.0, tries=1)
    _options.pop("lease", None)
    os.environ.pop("KANBAN_LEASE", None)


def send(call: "Call[T]") -> T:
    """Send one call through the small transport."""
    result: T = _blocking_transport().send(call)
    return result


def send_raw(call: "Call[Any]") -> Any:
    """Send one call and return the wire object of its result."""
    from dataclasses import replace

    return send(replace(call, read=_identity))


def send_and_print(call: "Call[T]", show: Callable[[T], None]) -> None:
    """Send one call and print its result: the wire object with `--json`, else with `show`."""
    if wants_json():
        print_json(send_raw(call))
    else:
        show(send(call))


def _identity(data: Any) -> Any:
    return data


@cache
def _blocking_transport() -> Any:
    from kanban_sdk.transport.blocking import BlockingTransport

    return BlockingTransport(server_url(), request_headers(), **_transport_options)


@cache
def get_client() -> "Kanban":
    """Return the full client, for commands that stay connected."""
    from kanban_sdk import Kanban

    return Kanban(server_url(), request_user(), token=get_token(), notice=print_notice, client="cli")


def get_retrying_client(patience: float) -> "AsyncKanban":
    """Return the full async client, which retries for `patience` seconds while the server is unreachable."""
    from kanban_sdk import AsyncKanban

    options: dict[str, Any] = {"tries": None, "patience": patience, "notice": print_notice, "client": "cli"}
    return AsyncKanban(server_url(), request_user(), token=get_token(), **options)


def print_notice(text: str) -> None:
    """Print a notice on stderr that is no error, for example that the server is unreachable."""
    from kanban_cli.render.output import escape

    print(escape(f"kanban: {text}"), file=sys.stderr, flush=True)


@cache
def resolve_board_id() -> int:
    """Return the selected board: the named one, or the only one. Stops if the selection is ambiguous."""
    name = get_setting("board")
    if name and name.isdecimal() and name.isascii():
        return int(name)
    from kanban_sdk.calls import boards

    all_boards = send(boards.all())
    matches = [board for board in all_boards if board.name == name] or [
        board for board in all_boards if not name or board.name.casefold() == name.casefold()
    ]
    if len(matches) == 1:
        return matches[0].id
    names = ", ".join(f"{board.id} {board.name}" for board in (matches or all_boards)) or "none"
    if name and not matches:
        raise CommandError(NOT_FOUND, f"There is no board '{name}'. Boards: {names}.", fix="kanban board list")
    fix = command_line("-b", str((matches or all_boards)[0].id)) if all_boards else "kanban board add NAME"
    raise CommandError(USAGE, f"Which board? There are: {names}.", fix=fix)
