"""The settings, read from the environment once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kanban_sdk.wire import limits

PERSON_LIMIT_FACTOR = 10
"""The default limit of a person, as a multiple of the limit of a token."""
_RATE_LIMIT = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")


@dataclass(frozen=True)
class Settings:
    """The operator's settings. Each field is the variable `KANBAN_<FIELD>`; durations are in seconds."""

    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = 8000
    """The port to listen at; 0 takes a free one."""
    database_url: str = ""
    """`sqlite:///file`, a bare file name, or `postgresql://user@host/name`, also with several hosts (docs/scale.md).
    Empty: a file in the user's data folder."""
    transaction_pooling: bool = False
    """PostgreSQL is reached through a pooler of transactions, such as PgBouncer: use no prepared statements, and set
    session settings in each transaction."""
    redis_url: str = ""
    """`redis://host:port/n`, through which several servers of one PostgreSQL notify each other of changes."""
    workers: int = 1
    """Processes that share the port. More than one requires PostgreSQL."""
    open: bool = False
    """Listen beyond loopback although anybody who can reach the server may write."""
    origins: tuple[str, ...] = ()
    """Web origins, besides loopback, whose pages may use the server, such as `https://board.example`."""
    hosts: tuple[str, ...] = ()
    """Host names, besides loopback, that requests may use for the server."""
    prefix: str = ""
    """The path prefix of every address behind a proxy, such as `/kanban`, whether or not the proxy removes it. Only
    `/docs`, and a proxy that does not remove it, need it."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted."""
    token_limit: str = "1200/minute"
    """Requests that each token may make, such as `20/second`; empty means no limit."""
    person_limit: str = ""
    """The same for each person, with all their tokens and agents; empty means ten times the limit of a token."""
    name_limit: str = ""
    """The same for each name on a server without tokens, and for each address whose requests give no name."""
    login_limit: str = "10/minute"
    """Requests with an invalid token that may come from one address."""
    tokens_per_person: int = 200
    """Valid tokens that a person and their agents may have; 0 means no limit, and admins have none."""
    agents_per_person: int = 100
    """Agents that a person may have, without disabled ones; 0 means no limit, and admins have none."""
    boards_per_person: int = 100
    """Existing boards that a person and their agents may have created; 0 means no limit, and admins have none."""
    webhook_private: bool = False
    """Deliver to webhooks at addresses of this machine and its own network too."""
    webhook_wait_seconds: float = 5.0
    """Time until a failed delivery is tried again. It doubles with each failure, up to an hour."""
    webhook_patience_seconds: float = 86_400.0
    """How long a webhook may fail before it is disabled."""
    connections: int = limits.CONNECTIONS
    """Maximum number of open streams. Further ones are refused, and the client tries again later."""
    token_connections: int = 0
    """Maximum number of open streams of one token and its sessions; 0 means a quarter of `connections`."""
    reserved_connections: int = 20
    """Streams, of `connections`, that are reserved for admins once there are users; at most a tenth of all."""
    messages_per_second: int = limits.MESSAGES_PER_SECOND
    """Messages that one stream may send per second."""
    frame_bytes: int = limits.FRAME_BYTES
    """Maximum size of a message that a stream may send."""
    body_bytes: int = limits.BODY_BYTES
    """Maximum size of a request body."""
    files_folder: str = ""
    """A folder for the contents of files; empty means in the database. Those that are there already stay there."""
    file_bytes: int = limits.FILE_BYTES
    """Maximum size of a file."""
    ticket_file_bytes: int = limits.TICKET_FILE_BYTES
    """Maximum size of all files of a ticket together; 0 means no limit."""
    board_file_bytes: int = limits.BOARD_FILE_BYTES
    """Maximum size of all files of a board together, those of deleted tickets included; 0 means no limit."""
    file_seconds: float = 600.0
    """Maximum time for sending a file; `body_rate` is its minimum rate too."""
    uploads: int = 16
    """Files that may be on their way at a time; a quarter of them to one person."""
    image_pixels: int = limits.IMAGE_PIXELS
    """Maximum width times height of a picture that is shown in place."""
    deleted_file_days: float = 7.0
    """How long the files of a deleted ticket are kept, since it can be restored; then they are deleted for ever."""
    heartbeat_seconds: float = float(limits.HEARTBEAT_SECONDS)
    """How often a stream is sent a heartbeat, which contains the position up to which it was sent events."""
    head_seconds: float = 10.0
    """Maximum time for the head of a request, and for each next part of its body, before the connection is cut."""
    body_seconds: float = 60.0
    """Maximum time for a whole request body."""
    body_rate: int = 500
    """Minimum rate of a request body in bytes per second: after `head_seconds`, a slower one is cut."""
    answer_bytes: int = 128 * 1024 * 1024
    """Bytes of large responses in flight, at most half of them to one person. A response shared by many counts once."""
    stall_seconds: float = 30.0
    """A connection whose peer reads nothing of a response for this long is cut."""
    tcp_connections: int = 0
    """Maximum number of connections, streams included; 0 means as many as the system lets the server open."""
    address_connections: int = 0
    """Maximum connections of one address, or requests that `KANBAN_PROXIES` forward for it; 0 means no limit."""
    ping_seconds: float = 30.0
    """How often a WebSocket is pinged."""
    silence_seconds: float = 60.0
    """A WebSocket that answers no ping for this long is closed with 1011."""
    presence_seconds: float = 45.0
    """How long others see viewers of a server that is gone; servers announce theirs every third of this time."""
    stop_seconds: float = 5.0
    """How long a stopping server may take to finish accepted work."""
    readers: int = 4
    """Threads that read the database."""
    share_core: bool = False
    """Keep the threads that serve requests and write SQLite on one core while many clients write; Linux only."""
    writers: int = 8
    """Connections that write to PostgreSQL; SQLite has one writer."""
    lock_seconds: float = 5.0
    """How long a change waits for a database lock before it is refused as `busy`."""
    ring_events: int = 2000
    """Recent events of each board that are kept in memory while the board has readers."""
    ring_bytes: int = 64 * 1024 * 1024
    """Bytes of recent events of all boards together that are kept in memory; the oldest are dropped first."""
    log_level: str = "warning"
    """`debug`, `info`, `warning` or `error`."""
    log_format: str = ""
    """`json`, `text`, or empty: text on a terminal, JSON elsewhere."""
    access_log: bool = False
    """Log each request, without its query. Its level is `info`, whatever `log_level` is."""
    metrics: str = "admins"
    """Who may read `/metrics` once there are tokens: `admins`, or `all` who can reach the server."""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"There is no port {self.port}: ports are numbers up to 65535.")
        for name in ("token_limit", "person_limit", "name_limit", "login_limit"):
            limit = getattr(self, name)
            if limit and not _RATE_LIMIT.fullmatch(limit):
                raise ValueError(f"KANBAN_{name.upper()}={limit!r} is no limit, such as 20/second or 1200/minute.")

    @property
    def files_path(self) -> Path | None:
        """The folder for the contents of files; None means the database."""
        return Path(self.files_folder).absolute() if self.files_folder else None

    @property
    def effective_person_limit(self) -> str:
        """Requests that each person may make; empty means no limit."""
        if self.person_limit or not self.token_limit:
            return self.person_limit
        count, _, window = self.token_limit.partition("/")
        return f"{PERSON_LIMIT_FACTOR * int(count)}/{window}"


def from_environment(environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """The settings: flags that are not None override the environment, which overrides `.env` in the current folder.

    Raises ValueError for a variable that can't be parsed.
    """
    if environment is None:
        environment = {**_read_dotenv(), **os.environ}
    values: dict[str, object] = {}
    for name, default in _field_defaults().items():
        text = environment.get(f"KANBAN_{name.upper()}")
        if text is not None and text != "":
            values[name] = _parse(name, text, default)
    values |= {name: value for name, value in flags.items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]


def data_folder() -> Path:
    """The default folder of the database: the user's data folder, or `KANBAN_HOME`."""
    import platformdirs

    return Path(os.environ.get("KANBAN_HOME") or platformdirs.user_data_dir("agent-kanban", appauthor=False))


def _field_defaults() -> dict[str, object]:
    return {name: field.default for name, field in Settings.__dataclass_fields__.items()}


def _read_dotenv() -> dict[str, str]:
    if not Path(".env").is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(".env").items() if value is not None}


def _parse(name: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return type(default)(text)  # type: ignore[call-arg]
    except (KeyError, ValueError) as error:
        raise ValueError(f"KANBAN_{name.upper()}={text!r} can't be read as {type(default).__name__}.") from error
