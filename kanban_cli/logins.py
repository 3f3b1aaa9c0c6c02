"""The tokens that `kanban login` keeps: one a server, in a file of the user's config folder for them alone."""

import json
import os
from pathlib import Path
from typing import Any

from kanban_cli.exits import UNEXPECTED, USAGE, Stop


def file() -> Path:
    """Where they stand."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "agent-kanban" / "logins.json"


def of(url: str) -> dict[str, Any]:
    """The login at a server: `token` and `user`; empty where there is none."""
    known = _read()
    found: dict[str, Any] = known.get(url.rstrip("/"), {})
    return found


def keep(url: str, token: str, user: str) -> Path:
    """Keep a login; the one that was there goes."""
    return _write({**_read(), url.rstrip("/"): {"token": token, "user": user}})


def forget(url: str) -> bool:
    """Forget a login; False where there was none."""
    known = _read()
    if known.pop(url.rstrip("/"), None) is None:
        return False
    _write(known)
    return True


def _read() -> dict[str, Any]:
    try:
        known = json.loads(file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Stop(USAGE, f"{file()} can't be read: {error}", fix=f"rm {file()}") from error
    return known if isinstance(known, dict) else {}


def _write(known: dict[str, Any]) -> Path:
    """Written beside and put in place, so that it is never half there, nor for a moment anybody else's to read."""
    target = file()
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as new:
            json.dump(known, new, indent=1)
        beside.replace(target)
    except OSError as error:
        raise Stop(UNEXPECTED, f"{target} can't be written: {error}") from error
    return target
