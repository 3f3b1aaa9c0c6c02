"""The environment, read once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kanban_sdk.wire import limits

PERSON_LIMIT_FACTOR = 10
"""How many times the limit of a token a person's is, unless it is set."""
_RATE_LIMIT = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")


@dataclass(frozen=True)
class Settings:
    """What an operator can set. Each field is the variable `KANBAN_<FIELD>`; durations are in seconds."""

    host: str = "127.0.0.1"
    """The address at which it listens."""
    port: int = 8000
    """The port; 0 takes a free one."""
    database_url: str = ""
    """`sqlite:///file`, a bare file name, or `postgresql://user@host/name`. Empty: a file in the user's data folder."""
    redis_url: str = ""
    """`redis://host:port/n`, through which several servers of one PostgreSQL tell each other what happens."""
    workers: int = 1
    """Processes that share the port. More than one need PostgreSQL."""
    open: bool = False
    """Listen beyond loopback although anybody who can reach the server may write."""
    origins: tuple[str, ...] = ()
    """Web origins beside loopback whose pages may use the server, such as `https://board.example`."""
    hosts: tuple[str, ...] = ()
    """Names beside loopback by which the server may be called."""
    prefix: str = ""
    """The path that stands before every address behind a proxy, such as `/kanban`, whether or not the proxy takes it
    off. Only `/docs`, and a proxy that leaves it on, need it."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    token_limit: str = "1200/minute"
    """How many requests each token may make, such as `20/second`; empty is no limit."""
    person_limit: str = ""
    """The same for each person, with all tokens and agents of theirs; empty is ten times the limit of a token."""
    name_limit: str = ""
    """The same for each name, on a server without tokens, and for each address that names nobody."""
    login_limit: str = "10/minute"
    """How many requests with a token that is not good may come from one address."""
    tokens_per_person: int = 200
    """How many tokens a person and their agents may have that are good yet; 0 is no limit, and admins have none."""
    agents_per_person: int = 100
    """How many agents a person may have that are not disabled; 0 is no limit, and admins have none."""
    boards_per_person: int = 100
    """How many boards that a person and their agents made there may be; 0 is no limit, and admins have none."""
    webhook_private: bool = False
    """Post to webhooks at addresses of this machine and its own network too."""
    webhook_wait_seconds: float = 5.0
    """After how long a delivery that failed is tried again; then after twice as long, up to an hour."""
    webhook_patience_seconds: float = 86_400.0
    """For how long a webhook may fail before it is disabled."""
    connections: int = limits.CONNECTIONS
    """Streams at a time; the next is refused, and comes back later."""
    token_connections: int = 0
    """Streams at a time of one token and its sessions; 0 is a quarter of `connections`."""
    reserved_connections: int = 20
    """Streams, of `connections`, that are kept for admins once there are users; a tenth of all at most."""
    messages_per_second: int = limits.MESSAGES_PER_SECOND
    """Messages that one stream may send in a second."""
    frame_bytes: int = limits.FRAME_BYTES
    """The largest message that a stream may send."""
    body_bytes: int = limits.BODY_BYTES
    """The largest body of a request."""
    heartbeat_seconds: float = float(limits.HEARTBEAT_SECONDS)
    """How often a stream is told that it lives, and what it was sent."""
    head_seconds: float = 10.0
    """How long the head of a request may take to come, and each next part of its body, before the connection is cut."""
    body_seconds: float = 60.0
    """How long a whole body may take to come."""
    body_rate: int = 500
    """Bytes a second that come of a body, at least: after `head_seconds`, a slower one is cut."""
    answer_bytes: int = 128 * 1024 * 1024
    """Bytes of large answers on their way at a time, half of them to one person; one that many take counts once."""
    stall_seconds: float = 30.0
    """A connection whose peer takes nothing of an answer for so long is cut."""
    tcp_connections: int = 0
    """Connections at a time, those of streams included; 0 is as many as the system lets the server have open."""
    address_connections: int = 0
    """Connections of one address at a time, or requests that `KANBAN_PROXIES` pass on for it; 0 is no such limit."""
    ping_seconds: float = 30.0
    """How often a socket is pinged."""
    silence_seconds: float = 60.0
    """A socket that answers no ping for so long is closed with 1011."""
    presence_seconds: float = 45.0
    """How long others see who was on a board through a server that is gone; it says so again each third of that."""
    stop_seconds: float = 5.0
    """How long a server that is told to stop may take to finish what it accepted."""
    readers: int = 4
    """Threads that read the database."""
    writers: int = 8
    """Connections that write to PostgreSQL; SQLite has one writer."""
    lock_seconds: float = 5.0
    """How long a change waits for a lock of the database before it is refused as `busy`."""
    ring_events: int = 2000
    """Recent events of each board that are kept in memory for its readers, as long as it has any."""
    ring_bytes: int = 64 * 1024 * 1024
    """Bytes of recent events of all boards together that are kept in memory; the oldest are dropped first."""
    log_level: str = "warning"
    """`debug`, `info`, `warning` or `error`."""
    log_format: str = ""
    """`json`, `text`, or empty: text on a terminal, JSON elsewhere."""
    access_log: bool = False
    """Write down each request, without its query. Its level is `info`, whatever `log_level` says."""
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
    def effective_person_limit(self) -> str:
        """How many requests each person may make; empty is no limit."""
        if self.person_limit or not self.token_limit:
            return self.person_limit
        count, _, window = self.token_limit.partition("/")
        return f"{PERSON_LIMIT_FACTOR * int(count)}/{window}"


def from_environment(environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
    """The settings: flags that are not None win over the environment, which wins over a `.env` file here.

    Raises ValueError where a variable can't be read.
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
    """Where a server keeps its database by default: the user's data folder, or `KANBAN_HOME`."""
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
