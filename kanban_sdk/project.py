"""A project's `.kanban.toml`, the user's stored logins, and whether a token may be sent to a server that a file names.

A project that the user has downloaded must not be able to obtain the user's token: a token is sent only to servers
that the user named, and to those where the user has logged in.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_URL: Final = "http://127.0.0.1:8000"
CONFIG: Final = ".kanban.toml"
CONFIG_NAME: Final = "config.toml"
"""The user's own settings, in the folder of `user_config_folder`."""


def find_project_config(start: Path | None = None) -> Path | None:
    """The nearest `.kanban.toml`, in a folder (by default the working directory) or its parents."""
    start_folder = Path.cwd() if start is None else start
    return next(
        (folder / CONFIG for folder in (start_folder, *start_folder.parents) if (folder / CONFIG).is_file()), None
    )


def user_config_folder() -> Path:
    """The folder of the user's own settings and logins."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "agent-kanban"


def logins_path() -> Path:
    """The file of the servers that `kanban login` and `kanban init` were run for."""
    return user_config_folder() / "logins.json"


def read_logins() -> dict[str, dict[str, str]]:
    """The login at each server: `token` and `user`, or empty if the server was only named (`kanban init`).

    Raises OSError and ValueError if the file can't be read.
    """
    try:
        logins = json.loads(logins_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return logins if isinstance(logins, dict) else {}


def may_send_token(url: str, *named_urls: str | None) -> bool:
    """Whether a token from the environment may be sent to a server.

    `named_urls` are servers that the user named: in an option, the environment, or the user's own config. The default
    server, and those with a login, need not be named. Raises OSError and ValueError as `read_logins` does.
    """
    trusted_urls = {address.rstrip("/") for address in (DEFAULT_URL, *named_urls) if address}
    return url.rstrip("/") in trusted_urls or url.rstrip("/") in read_logins()


class ConnectionSettings(NamedTuple):
    """The server to connect to, the actor, and the token."""

    url: str
    user: str | None
    token: str | None


def resolve_settings(
    environment: Mapping[str, str], *, url: str | None = None, user: str | None = None, token: str | None = None
) -> ConnectionSettings:
    """The settings of a connection, each from the first of: the argument, `environment`, `.kanban.toml`, user config.

    The token is the argument, `KANBAN_TOKEN`, or that of the login at the server. With a token, the user is not taken
    from the files. Raises ConfigurationError if a file can't be read, or if the token would go to a server that only a
    `.kanban.toml` names.
    """
    from kanban_sdk.errors import ConfigurationError

    project_file = find_project_config()
    user_config = _read_config(user_config_folder() / CONFIG_NAME)
    config = user_config | (_read_config(project_file) if project_file else {})
    named_url = url or environment.get("KANBAN_URL")
    server = (named_url or config.get("url") or DEFAULT_URL).rstrip("/")
    explicit_user = user or environment.get("KANBAN_USER") or None
    explicit_token = token or environment.get("KANBAN_TOKEN", "").strip()
    try:
        if explicit_token and not may_send_token(server, named_url, user_config.get("url")):
            raise ConfigurationError(
                f"The token is not sent to {server}, which only {project_file} names. If you trust that server, name it"
                f" in KANBAN_URL, or log in there: kanban login --url {server}"
            )
        login = read_logins().get(server, {})
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{logins_path()} can't be read: {error}") from None
    server_token = explicit_token or login.get("token")
    configured_user = None if server_token else config.get("user")
    return ConnectionSettings(server, explicit_user or configured_user, server_token)


def _read_config(path: Path) -> dict[str, str]:
    """The settings in a TOML file; empty if there is none. Raises ConfigurationError if it can't be read."""
    if not path.is_file():
        return {}
    import tomllib

    from kanban_sdk.errors import ConfigurationError

    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}") from None
    return {name: value for name, value in settings.items() if isinstance(value, str)}
