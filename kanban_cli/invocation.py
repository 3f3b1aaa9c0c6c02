"""One run of `kanban`: its options, environment, project file and user config, and access to the server."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeVar

from kanban_cli.command_line import CommandLine
from kanban_cli.config import read_config
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, USAGE
from kanban_cli.render.output import print_json
from kanban_cli.render.output import print_notice as print_notice
from kanban_sdk.project import CONFIG as CONFIG
from kanban_sdk.project import DEFAULT_URL as DEFAULT_URL
from kanban_sdk.project import find_project_config, may_send_token, user_config_folder

if TYPE_CHECKING:
    from kanban_cli.sessions.claim_tokens import ClaimTokens
    from kanban_sdk import AsyncKanban, Kanban
    from kanban_sdk.calls import Call
    from kanban_sdk.transport.blocking import BlockingTransport

T = TypeVar("T")
Setting = Literal["board", "user", "url", "lease"]


class Options(NamedTuple):
    """The common options that were typed; None and False mean that they were not."""

    board: str | None = None
    user: str | None = None
    url: str | None = None
    lease: str | None = None
    json: bool = False
    full: bool = False
    jq: str | None = None


class Invocation:
    """One run of the command line. It is not changed; its look-ups are made on first use, and kept.

    `main` makes it from the process; a test makes its own. `environment` is used instead of the process's variables.
    The project file is searched in `folder` (None: the working directory) and its parents. With `lookup_timeout`, in
    seconds, each request has this timeout and is tried once.
    """

    def __init__(
        self,
        options: Options = Options(),  # noqa: B008 (a tuple can't be changed)
        environment: Mapping[str, str] = MappingProxyType({}),
        command_line: CommandLine | None = None,
        *,
        folder: Path | None = None,
        lookup_timeout: float | None = None,
    ) -> None:
        self.options = options
        self.environment = environment
        self.command_line = command_line or CommandLine()
        self.folder = folder
        self.lookup_timeout = lookup_timeout

    def _but(
        self,
        *,
        options: Options | None = None,
        environment: Mapping[str, str] | None = None,
        lookup_timeout: float | None = None,
    ) -> Self:
        """Return an invocation that differs in these, with look-ups of its own."""
        return type(self)(
            self.options if options is None else options,
            self.environment if environment is None else environment,
            self.command_line,
            folder=self.folder,
            lookup_timeout=self.lookup_timeout if lookup_timeout is None else lookup_timeout,
        )

    def with_options(self, typed: Options) -> Self:
        """Return the invocation with more options; those that were not typed replace no others."""
        changed = {name: value for name, value in typed._asdict().items() if value}
        return self._but(options=self.options._replace(**changed)) if changed else self

    def with_token(self, token: str | None) -> Self:
        """Return the invocation with another KANBAN_TOKEN, or without one."""
        others = {name: value for name, value in self.environment.items() if name != "KANBAN_TOKEN"}
        return self._but(environment=others if token is None else {**others, "KANBAN_TOKEN": token})

    def for_lookups(self, timeout: float) -> Self:
        """Return the invocation for look-ups only: a short timeout in seconds, one try, and no lease."""
        others = {name: value for name, value in self.environment.items() if name != "KANBAN_LEASE"}
        return self._but(options=self.options._replace(lease=None), environment=others, lookup_timeout=timeout)

    def explicit_setting(self, name: Setting) -> str | None:
        """Return a setting from its option or the environment."""
        typed: str | None = getattr(self.options, name)
        return typed or self.environment.get(f"KANBAN_{name.upper()}") or None

    def setting(self, name: Setting) -> str | None:
        """Return a setting, in order: option, environment, `.kanban.toml`, user config."""
        value = self.explicit_setting(name) or self.config.get(name)
        return str(value) if value else None

    @cached_property
    def project_file(self) -> Path | None:
        """The nearest `.kanban.toml`, in the folder or its parents."""
        return find_project_config(self.folder)

    @cached_property
    def user_config(self) -> Mapping[str, object]:
        """The user's own config."""
        return read_config(user_config_folder() / "config.toml")

    @cached_property
    def config(self) -> Mapping[str, object]:
        """The project file, and the user's own config for what it does not set."""
        return {**self.user_config, **(read_config(self.project_file) if self.project_file else {})}

    @cached_property
    def server_url(self) -> str:
        """The server's URL. Stops if the setting is no URL."""
        from kanban_sdk.calls.address import parse_address
        from kanban_sdk.errors import Unreachable

        configured_url = (self.setting("url") or DEFAULT_URL).rstrip("/")
        try:
            parse_address(configured_url)
        except Unreachable as error:
            detail = f"'{configured_url}': {error.reason}."
            raise CommandError(USAGE, detail, fix=f"kanban status --url {DEFAULT_URL}") from error
        return configured_url

    @cached_property
    def token(self) -> str | None:
        """The token: KANBAN_TOKEN, or the one that `kanban login` saved; no option, as other users could see it.

        Stops if KANBAN_TOKEN is no valid token, or would go to a server that only a project file names
        (`kanban_sdk.project`).
        """
        environment_token = self.environment.get("KANBAN_TOKEN", "").strip()
        if not environment_token:
            from kanban_cli import credentials

            return credentials.stored_login(self.server_url).get("token")
        if not (environment_token.isascii() and environment_token.isprintable()):
            raise CommandError(USAGE, "KANBAN_TOKEN has a character that no token has.", fix="kanban login --help")
        self._check_token_allowed()
        return environment_token

    def _check_token_allowed(self) -> None:
        """Refuse to send the token to a server that only somebody else's project file names."""
        config_url = self.user_config.get("url")
        named_url = str(config_url) if config_url else None
        try:
            if may_send_token(self.server_url, self.explicit_setting("url"), named_url):
                return
        except (OSError, ValueError) as error:
            raise CommandError(USAGE, f"Your logins can't be read: {error}", fix="kanban login --help") from error
        raise CommandError(
            USAGE,
            f"KANBAN_TOKEN is not sent to {self.server_url}, which only {self.project_file} names."
            " If you trust it, log in there, or name it in KANBAN_URL.",
            fix="kanban login --help",
        )

    @cached_property
    def request_user(self) -> str | None:
        """The user name to send. With a token, only a name that this run gives explicitly."""
        return self.explicit_setting("user") if self.token else self.setting("user")

    @cached_property
    def current_user(self) -> str | None:
        """The acting user, if known: the named user, else the token's. May ask the server."""
        if self.explicit_setting("user") or not self.token:
            return self.setting("user")
        from kanban_cli import credentials
        from kanban_sdk.calls import users

        if not self.environment.get("KANBAN_TOKEN"):
            stored_user = credentials.stored_login(self.server_url).get("user")
            if stored_user:
                return stored_user
        session_user = self.send(users.session()).user
        return session_user.name if session_user else self.setting("user")

    def names_of(self, user: str) -> tuple[str, ...]:
        """Return all names that a user has or had, the current one first; on a server without users, only this one."""
        if not self.token:
            return (user,)
        from kanban_sdk.calls import users

        me = self.send(users.session()).user
        for known_user in [me] if me and user in (me.name, *me.former_names) else self.send(users.all()):
            if user in (names := (known_user.name, *known_user.former_names)):
                return names
        return (user,)

    @cached_property
    def board_id(self) -> int:
        """The selected board: the named one, or the only one. Stops if there are several. May ask the server."""
        name = self.setting("board")
        if name and name.isdecimal() and name.isascii():
            return int(name)
        from kanban_sdk.calls import boards

        all_boards = self.send(boards.all())
        matches = [board for board in all_boards if board.name == name] or [
            board for board in all_boards if not name or board.name.casefold() == name.casefold()
        ]
        if len(matches) == 1:
            return matches[0].id
        names = ", ".join(f"{board.id} {board.name}" for board in (matches or all_boards)) or "none"
        if name:
            code, problem = (USAGE, "more than one board") if matches else (NOT_FOUND, "no board")
            raise CommandError(code, f"There is {problem} '{name}'. Boards: {names}.", fix="kanban board list")
        fix = self.command_line.plus("-b", str(all_boards[0].id)) if all_boards else "kanban board add NAME"
        raise CommandError(USAGE, f"No board is selected. Boards: {names}.", fix=fix)

    def request_headers(self) -> dict[str, str]:
        """Return the headers of every request: user, claim, client kind (the command line), and strict."""
        from kanban_sdk.calls.call import STRICT_HEADERS

        headers = {"X-Kanban-Client": "cli", **STRICT_HEADERS}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        user, lease = self.request_user, self.explicit_setting("lease")
        if user or lease:
            from urllib.parse import quote

            if user:
                headers["X-Kanban-User"] = quote(user, errors="surrogatepass")
            if lease:
                headers["Kanban-Lease"] = quote(lease, errors="surrogatepass")
        return headers

    def send(self, call: "Call[T]") -> T:
        """Send one call through the small transport, under the claim that this session has of its ticket."""
        if not call.is_write or self.lookup_timeout is not None or self.claim_tokens is None:
            return self._transport.send(call)
        return self.claim_tokens.send(self._transport, call, explicit=bool(self.explicit_setting("lease")))

    @cached_property
    def claim_tokens(self) -> "ClaimTokens | None":
        """The tokens of the claims that this session made; None if sessions can't be told apart."""
        from kanban_cli.sessions.claim_tokens import ClaimTokens, session_key

        session = session_key(self.environment, self.folder or Path.cwd())
        return ClaimTokens(session, self.server_url, self.token or f"user {self.request_user}") if session else None

    def send_raw(self, call: "Call[T]") -> Any:
        """Send one call and return the JSON of its result, which `call.read` reads."""
        from dataclasses import replace

        return self.send(replace(call, read=lambda data: data))

    def send_and_print(self, call: "Call[T]", show: Callable[[T], None]) -> None:
        """Send one call and print its result: the JSON with `--json`, else with `show`."""
        if self.options.json:
            self.print_json(self.send_raw(call))
        else:
            show(self.send(call))

    def print_json(self, value: object, *, details: bool = False) -> None:
        """Print one JSON document: slim, with `--full` as it is. With `details`, a slim ticket has its texts."""
        from kanban_sdk.wire.slim import slim

        print_json(value if self.options.full else slim(value, details=details))

    @cached_property
    def _transport(self) -> "BlockingTransport":
        from kanban_sdk.transport.blocking import BlockingTransport

        if self.lookup_timeout is None:
            return BlockingTransport(self.server_url, self.request_headers())
        return BlockingTransport(self.server_url, self.request_headers(), timeout=self.lookup_timeout, tries=1)

    @cached_property
    def client(self) -> "Kanban":
        """The full client, for commands that stay connected."""
        from kanban_sdk import Kanban

        return Kanban(self.server_url, self.request_user, token=self.token, notice=print_notice, client="cli")

    def retrying_client(self, patience: float) -> "AsyncKanban":
        """Return the full async client, which retries for `patience` seconds while the server is unreachable."""
        from kanban_sdk import AsyncKanban

        return AsyncKanban(
            self.server_url,
            self.request_user,
            token=self.token,
            tries=None,
            patience=patience,
            notice=print_notice,
            client="cli",
        )
