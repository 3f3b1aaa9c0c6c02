"""What both clients have in common: building requests and handling responses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import ClassVar, Self, TypedDict, TypeVar

import httpx

from kanban_sdk.calls.address import parse_address
from kanban_sdk.calls.call import STRICT_HEADERS, Call
from kanban_sdk.claims.lease import current_lease, update_held_leases
from kanban_sdk.errors import without_credentials
from kanban_sdk.outage import Outage, OutageListener
from kanban_sdk.project import DEFAULT_URL, resolve_settings
from kanban_sdk.transport.retries import PATIENCE, TIMEOUT, TRIES, RetryPolicy, RetryState
from kanban_sdk.transport.tls import create_ssl_context

T = TypeVar("T")
C = TypeVar("C", bound="RequestPipeline")


def request_headers(user: str | None, client: str = "sdk", token: str | None = None) -> dict[str, str]:
    """The headers of every request: the actor, the kind of client, and strict handling.

    Raises ValueError if `token` is malformed.
    """
    from urllib.parse import quote

    if token and not (token.isascii() and token.isprintable()):
        raise ValueError("The token contains an invalid character.")
    headers = {"X-Kanban-Client": client, **STRICT_HEADERS} | ({"X-Kanban-User": quote(user)} if user else {})
    return headers | ({"Authorization": f"Bearer {token}"} if token else {})


class HttpRequest(TypedDict):
    """A request, as httpx takes it."""

    method: str
    url: str
    headers: dict[str, str]
    timeout: float


class ClientOptions(TypedDict):
    """What a client keeps of its settings, to be copied."""

    token: str | None
    notice: OutageListener | None
    client: str


class RequestPipeline:
    """A client without its blocking or awaiting."""

    _transport: ClassVar[type[httpx.Client | httpx.AsyncClient]]
    """The class of httpx that does the I/O."""
    _http: httpx.Client | httpx.AsyncClient

    def __init__(
        self,
        url: str = DEFAULT_URL,
        user: str | None = None,
        *,
        token: str | None = None,
        timeout: float = TIMEOUT,
        tries: int | None = TRIES,
        patience: float = PATIENCE,
        notice: OutageListener | None = None,
        client: str = "sdk",
    ) -> None:
        parse_address(url)
        self.url = url.rstrip("/")
        self.user = user
        self.policy = RetryPolicy(timeout, tries, patience)
        """The retry policy of a call, unless it is sent under another."""
        self._headers = request_headers(user, client, token)
        self._options: ClientOptions = {"token": token, "notice": notice, "client": client}
        self._outage = Outage(notice)
        self._http = self._transport(
            headers=self._headers, timeout=timeout, verify=create_ssl_context(), trust_env=False
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {without_credentials(self.url)}{f' as {self.user}' if self.user else ''}>"

    def copy_as(self, kind: type[C]) -> C:
        """A client of the other kind, or a further one of this kind, with the same settings and its own connections."""
        policy = self.policy
        return kind(
            self.url, self.user, timeout=policy.timeout, tries=policy.tries, patience=policy.patience, **self._options
        )

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        url: str | None = None,
        user: str | None = None,
        token: str | None = None,
        timeout: float = TIMEOUT,
        tries: int | None = TRIES,
        patience: float = PATIENCE,
        notice: OutageListener | None = None,
        client: str = "sdk",
    ) -> Self:
        """The client that the command line would use here.

        `url`, `user` and `token` are, in this order, the argument, `KANBAN_URL`, `KANBAN_USER` and `KANBAN_TOKEN`, the
        nearest `.kanban.toml` (no token) and the user's own config and login; the default is the local server.
        `environment` is read instead of the process's own. The other parameters are those of the class.

        A token goes only to a server that the user has named or logged in at, not to one that only a `.kanban.toml`
        names: this raises ConfigurationError. So does a file that can't be read.
        """
        settings = resolve_settings(os.environ if environment is None else environment, url=url, user=user, token=token)
        return cls(
            settings.url,
            settings.user,
            token=settings.token,
            timeout=timeout,
            tries=tries,
            patience=patience,
            notice=notice,
            client=client,
        )

    def _request(self, call: Call[T], policy: RetryPolicy) -> HttpRequest:
        """The call as an httpx request: one idempotency key for all tries, under the lease of the enclosing block."""
        if call.is_write and call.lease is None:
            call = call.with_lease(current_lease(self))
        return {
            "method": call.method,
            "url": self.url + call.target(),
            "headers": call.headers(),
            "timeout": policy.timeout,
        }

    def _parse_response(self, call: Call[T], response: httpx.Response) -> T:
        self._outage.end()
        result = call.parse_response(response.content, self.url)
        if call.is_write:
            update_held_leases(self, call, result)
        return result

    def _tries(self, policy: RetryPolicy) -> RetryState:
        """The retry state of a call. A client that gives up after a few seconds raises, and reports no outage."""
        outage = self._outage if policy.tries is None else None
        return RetryState(self.url, policy.tries, policy.patience, outage=outage)

    def _watch_options(self, notice: OutageListener | None, patience: float | None) -> tuple[Outage, float]:
        """The listener that a watch notifies of an outage, and for how many seconds it tries to reconnect."""
        outage = self._outage if notice is None else Outage(notice)
        return outage, self.policy.outage_patience if patience is None else patience


def delay_after_refusal(tries: RetryState, response: httpx.Response) -> float:
    """Seconds to wait after a refusal. Raises Refused if a retry is of no use."""
    return tries.delay_after_refusal(response.status_code, response.headers.get("Retry-After"), response.content)
