"""Which server, actor and gate a hook uses.

The rules are those of `kanban_cli.invocation`, and a test compares both. They are repeated here because a hook runs at
each tool call, and `pathlib`, `typing` and the modules of the command line take longer to load than the hook takes.
"""

from __future__ import annotations

import os

from kanban_cli.sessions import lean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_URL = "http://127.0.0.1:8000"
GATES = ("off", "warn", "deny")
"""What a change without a claim meets. The second one is the default."""


class Settings:
    """The settings of a hook. `token` is None in the open mode, and `user` if nobody is named."""

    def __init__(self, url: str, user: str | None, token: str | None, gate: str, root: str, *, trusted: bool) -> None:
        self.url = url
        self.user = user
        self.token = token
        self.gate = gate
        self.root = root
        """The folder that the board is for: that of `.kanban.toml`, or the working directory."""
        self.trusted = trusted
        """Whether the user, and not only a project's file, named the server."""

    @property
    def actor(self) -> str:
        """The actor, as the files of sessions name it."""
        return self.token or f"user {self.user}"


def load_settings(environment: Mapping[str, str], gate: str | None = None) -> Settings | None:
    """Load the settings for the working directory; None if no board is named for it, so that the hooks do nothing.

    A board is named by KANBAN_URL, KANBAN_BOARD, or a `.kanban.toml` here or in a folder above. `gate` is the one that
    the hook was installed with; KANBAN_GATE goes before it. Raises ValueError and OSError if a file can't be read, and
    PermissionError if KANBAN_TOKEN would go to a server that only a project names.
    """
    project_file = _find_project_file(os.getcwd())  # noqa: PTH109
    if not (project_file or environment.get("KANBAN_URL") or environment.get("KANBAN_BOARD")):
        return None
    user_config = _read_toml(os.path.join(_config_folder(), "config.toml"))  # noqa: PTH118
    config = {**user_config, **(_read_toml(project_file) if project_file else {})}
    named_url = environment.get("KANBAN_URL") or None
    url = str(named_url or config.get("url") or DEFAULT_URL).rstrip("/")
    named = {str(one).rstrip("/") for one in (DEFAULT_URL, named_url, user_config.get("url")) if one}
    logins = _read_logins()
    trusted = url in named or url in logins
    token = environment.get("KANBAN_TOKEN", "").strip()
    if token and not trusted:
        raise PermissionError(f"KANBAN_TOKEN is not sent to {url}, which only {project_file} names")
    token = token or logins.get(url, {}).get("token", "")
    user = environment.get("KANBAN_USER") or (None if token else config.get("user")) or None
    wanted = environment.get("KANBAN_GATE") or gate or config.get("gate")
    return Settings(
        url,
        str(user) if user else None,
        token or None,
        str(wanted) if wanted in GATES else GATES[1],
        os.path.dirname(project_file) if project_file else os.getcwd(),  # noqa: PTH109, PTH120
        trusted=trusted,
    )


def _find_project_file(folder: str) -> str | None:
    while True:
        path = os.path.join(folder, ".kanban.toml")  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            return path
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return None
        folder = parent


def _config_folder() -> str:
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")  # noqa: PTH111
    return os.path.join(base, "agent-kanban")  # noqa: PTH118


def _read_toml(path: str) -> dict[str, object]:
    if not os.path.isfile(path):  # noqa: PTH113
        return {}
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return lean.parse_toml(file.read())


def _read_logins() -> dict[str, dict[str, str]]:
    try:
        with open(os.path.join(_config_folder(), "logins.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            logins = lean.loads(file.read())
    except FileNotFoundError:
        return {}
    return logins if isinstance(logins, dict) else {}
