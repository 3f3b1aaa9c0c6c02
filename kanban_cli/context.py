"""The one door to the SDK, opened on first use, and the options that every command has."""

import inspect
import os
import re
import sys
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kanban_cli.exits import USAGE, Stop

if TYPE_CHECKING:
    from kanban_sdk import Kanban
    from kanban_sdk.calls import Call

DEFAULT_URL = "http://127.0.0.1:8000"
CONFIG = ".kanban.toml"

COMMON = {
    "board": (str | None, typer.Option("-b", "--board", help="The board, by id or name.", show_default=False)),
    "user": (str | None, typer.Option("-u", "--as", help="Who acts.", show_default=False)),
    "url": (str | None, typer.Option("--url", help="The server.", show_default=False)),
    "lease": (str | None, typer.Option("--lease", help="The token of the claim to write under.", show_default=False)),
    "json": (bool, typer.Option("--json", help="The answer as JSON.", show_default=False)),
}
"""The options that stand on every command."""

_given: dict[str, Any] = {}

_DASH = "\ue000"
"""Stands for the dash at the beginning of a text, so that it is not taken for an option."""
_OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*(=.*)?", re.DOTALL)


def command(
    app: typer.Typer, name: str | None = None, **options: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command, with the common options beside its own."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def wrapped(**values: Any) -> None:
            _given.update({option: values.pop(option) for option in COMMON})
            function(**{key: _restored(value) for key, value in values.items()})

        signature = inspect.signature(function)
        common = [
            inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if kind is bool else None,
                annotation=Annotated[kind, declared],
            )
            for option, (kind, declared) in COMMON.items()
        ]
        parameters = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()
        ]
        wrapped.__signature__ = signature.replace(parameters=[*parameters, *common])  # type: ignore[attr-defined]
        wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in [*parameters, *common]}
        app.command(name or function.__name__, **options)(wrapped)
        return function

    return register


def protected(arguments: list[str]) -> list[str]:
    """The arguments with texts that begin with a dash, such as `- done` or `-1`, kept from being read as options."""
    return [
        _DASH + argument[1:]
        if argument.startswith("-") and argument not in {"-", "--"} and not _OPTION.fullmatch(argument)
        else argument
        for argument in arguments
    ]


def _restored(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_DASH):
        return "-" + value[1:]
    return [_restored(item) for item in value] if isinstance(value, list) else value


@cache
def configured() -> dict[str, Any]:
    """What `.kanban.toml`, found upwards, and the user's own config say; the nearer one wins."""
    here = Path.cwd()
    found = [folder / CONFIG for folder in (here, *here.parents) if (folder / CONFIG).is_file()][:1]
    own = user_config()
    settings: dict[str, Any] = {}
    for file in ([own] if own.is_file() else []) + found:
        import tomllib

        try:
            settings |= tomllib.loads(file.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise Stop(USAGE, f"{file} can't be read: {error}", fix="Correct it, or remove it.") from error
    return settings


def user_config() -> Path:
    """Where a user's own config stands."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "agent-kanban" / "config.toml"


def setting(name: str) -> str | None:
    """A setting: the option, the environment, `.kanban.toml`, the user's config, in that order."""
    value = _given.get(name) or os.environ.get(f"KANBAN_{name.upper()}") or configured().get(name)
    return str(value) if value else None


def url() -> str:
    """The server."""
    return (setting("url") or DEFAULT_URL).rstrip("/")


def as_json() -> bool:
    """Whether the answer is wanted as JSON."""
    return bool(_given.get("json"))


def headers() -> dict[str, str]:
    """The headers of every request: who acts, and that it is the command line."""
    user = setting("user")
    sent = {"X-Kanban-Client": "cli"}
    if user:
        from urllib.parse import quote

        sent["X-Kanban-User"] = quote(user)
    return sent


def send(call: "Call[Any]") -> Any:
    """Send one call through the small transport."""
    return _plain().send(call)


@cache
def _plain() -> Any:
    from kanban_sdk.plain import Plain

    return Plain(url(), headers())


@cache
def kanban() -> "Kanban":
    """The whole client, for commands that stay connected."""
    from kanban_sdk import Kanban

    return Kanban(url(), setting("user"), client="cli")


@cache
def board() -> int:
    """The board that is meant: the one that is named, or the only one. Stops where that is not clear."""
    wanted = setting("board")
    if wanted and wanted.isdigit():
        return int(wanted)
    from kanban_sdk.calls import boards

    known = send(boards.all())
    fits = [one for one in known if not wanted or one.name.casefold() == wanted.casefold()]
    if len(fits) == 1:
        return int(fits[0].id)
    names = ", ".join(f"{one.id} {one.name}" for one in known) or "none"
    if wanted:
        raise Stop(3, f"There is no board '{wanted}'. Boards: {names}.", fix="kanban board list", type="not-found")
    raise Stop(
        USAGE,
        f"Which board? There are: {names}.",
        fix=f"kanban {sys.argv[1]} -b {known[0].id}" if known else "kanban board add NAME",
    )
