"""Tokens saved by `kanban login`: one per server, in a file of the user's config folder that only the user can read."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import UNEXPECTED, USAGE
from kanban_sdk.project import logins_path, read_logins

Logins = dict[str, dict[str, str]]
"""Server URL to its login: `token` and `user`, or empty if the server was only named."""


def stored_login(url: str) -> Mapping[str, str]:
    """Return the login at a server (`token` and `user`), or an empty dict."""
    return _read_logins().get(url.rstrip("/"), {})


def save_login(url: str, token: str, user: str) -> Path:
    """Save a login, replacing an earlier one."""
    return _write_logins({**_read_logins(), url.rstrip("/"): {"token": token, "user": user}})


def trust_server(url: str) -> None:
    """Record that the user has named a server, so that a token of the environment may be sent there."""
    logins = _read_logins()
    if url.rstrip("/") not in logins:
        _write_logins({**logins, url.rstrip("/"): {}})


def delete_login(url: str) -> bool:
    """Delete a login; False if there is none."""
    logins = _read_logins()
    if logins.pop(url.rstrip("/"), None) is None:
        return False
    _write_logins(logins)
    return True


def _read_logins() -> Logins:
    try:
        return read_logins()
    except (OSError, ValueError) as error:
        raise CommandError(
            USAGE, f"{logins_path()} can't be read: {error}", fix=f"Correct {logins_path()}, or remove it."
        ) from error


def _write_logins(logins: Logins) -> Path:
    """Write a temporary file and rename it, so that the file is never incomplete and never readable by others."""
    target = logins_path()
    temporary_file = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(
            os.open(temporary_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(logins, file, indent=1)
        temporary_file.replace(target)
    except OSError as error:
        raise CommandError(UNEXPECTED, f"{target} can't be written: {error}") from error
    return target
