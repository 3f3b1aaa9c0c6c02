"""The tokens that `kanban login` keeps: one a server, in a file of the user's config folder for them alone."""

import json
import os
from pathlib import Path
from typing import Any

from kanban_cli.exits import UNEXPECTED, USAGE, Stop
from kanban_sdk.project import logins, logins_file


def of(url: str) -> dict[str, Any]:
    """The login at a server: `token` and `user`; empty where there is none."""
    return _read().get(url.rstrip("/"), {})


def keep(url: str, token: str, user: str) -> Path:
    """Keep a login; the one that was there goes."""
    return _write({**_read(), url.rstrip("/"): {"token": token, "user": user}})


def trust(url: str) -> None:
    """Note that the user has named a server, so that a token of the environment may go there."""
    known = _read()
    if url.rstrip("/") not in known:
        _write({**known, url.rstrip("/"): {}})


def forget(url: str) -> bool:
    """Forget a login; False where there was none."""
    known = _read()
    if known.pop(url.rstrip("/"), None) is None:
        return False
    _write(known)
    return True


def _read() -> dict[str, dict[str, Any]]:
    try:
        return logins()
    except (OSError, ValueError) as error:
        raise Stop(USAGE, f"{logins_file()} can't be read: {error}", fix=f"rm {logins_file()}") from error


def _write(known: dict[str, Any]) -> Path:
    """Written beside and put in place, so that it is never half there, nor for a moment anybody else's to read."""
    target = logins_file()
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as new:
            json.dump(known, new, indent=1)
        beside.replace(target)
    except OSError as error:
        raise Stop(UNEXPECTED, f"{target} can't be written: {error}") from error
    return target
