"""The file of a session: the tokens of its claims. `kanban` and `kanban hook` read and write it.

A session is a text, such as `named 5f0c` for KANBAN_SESSION=5f0c. Its file is
`$XDG_STATE_HOME/agent-kanban/sessions/<digest of the session>.json`, which only the user can read, and holds
`{<digest of "<server> <actor>">: {"<ticket>": "<lease token>"}}`. The actor is the token, or `user <name>`. A digest is
the first 32 hexadecimal digits of SHA-256. The hooks keep a second file, `<digest of the session>.hooks.json`.

`kanban hook` loads this module at each tool call of an agent, so it imports little.
"""

from __future__ import annotations

import os
import time

from kanban_cli.sessions import lean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT_SECONDS = 30 * 86_400
"""How long a file is kept after its last change."""
SESSION_VARIABLES = ("KANBAN_SESSION", "CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID")
"""The variables that name a session, the first one first: ours, and those that Claude Code and Codex set in a shell."""


def named_session(environment: Mapping[str, str]) -> str | None:
    """Return the name of the session that the environment gives; None if it gives none."""
    return next((environment[name] for name in SESSION_VARIABLES if environment.get(name)), None)


def named_key(name: str) -> str:
    """Return the session that has a name."""
    return f"named {name}"


def owner_key(server: str, actor: str) -> str:
    """Return the key of the tokens of one actor on one server."""
    return _digest(f"{server} {actor}")


def tokens_path(session: str) -> str:
    """Return the file of a session's claims."""
    return os.path.join(_folder(), f"{_digest(session)}.json")  # noqa: PTH118 (pathlib takes 5 ms to load)


def hooks_path(session: str) -> str:
    """Return the file in which the hooks of a session keep what they have done."""
    return os.path.join(_folder(), f"{_digest(session)}.hooks.json")  # noqa: PTH118


def read(path: str) -> dict[str, object]:
    """Return what a file holds; nothing if there is no such file, or it can't be read."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            data = lean.loads(file.read())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def read_tokens(path: str) -> dict[str, dict[str, str]]:
    """Return the tokens of a session: for each owner, ticket to token."""
    return {
        owner: {str(ticket): str(token) for ticket, token in tokens.items()}
        for owner, tokens in read(path).items()
        if isinstance(tokens, dict)
    }


def write(path: str, data: object) -> None:
    """Replace a file, and remove those of sessions that ended long ago.

    A folder that can't be written is no error: the claim is made, and --lease works.
    """
    folder, temporary_path = os.path.dirname(path), f"{path}.{os.getpid()}"  # noqa: PTH120
    try:
        os.makedirs(folder, exist_ok=True, mode=0o700)  # noqa: PTH103
        descriptor = os.open(temporary_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(lean.dumps(data))
        os.replace(temporary_path, path)  # noqa: PTH105
        oldest = time.time() - KEPT_SECONDS
        for entry in os.scandir(folder):
            if entry.stat().st_mtime < oldest:
                os.unlink(entry.path)  # noqa: PTH108
    except OSError:
        return


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)  # noqa: PTH108
    except OSError:
        return


def _folder() -> str:
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    return os.path.join(base, "agent-kanban", "sessions")  # noqa: PTH118


def _digest(text: str) -> str:
    return lean.sha256_hex(text.encode(errors="surrogatepass"))[:32]
