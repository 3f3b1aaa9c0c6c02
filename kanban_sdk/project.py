"""A project's `.kanban.toml`, the user's stored logins, and whether a token may be sent to a server that a file names.

A file that came with somebody else's project must not be able to obtain the user's token: a token is sent only to
servers that the user named, and to those where the user has logged in.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

DEFAULT_URL: Final = "http://127.0.0.1:8000"
CONFIG: Final = ".kanban.toml"


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


def read_logins() -> dict[str, dict[str, Any]]:
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
