"""What both clients send, and what they make of the answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self, TypeVar

import httpx

from kanban_sdk.calls.address import address
from kanban_sdk.calls.call import STRICT, Call
from kanban_sdk.holds import lease_within, settle
from kanban_sdk.retries import Tries

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"


def headers_for(user: str | None, client: str = "sdk", token: str | None = None) -> dict[str, str]:
    """The headers of every request: who acts, with which client, and that it is strict.

    Raises ValueError where `token` can't be one.
    """
    from urllib.parse import quote

    if token and not (token.isascii() and token.isprintable()):
        raise ValueError("The token holds a character that no token has.")
    headers = {"X-Kanban-Client": client, **STRICT} | ({"X-Kanban-User": quote(user)} if user else {})
    return headers | ({"Authorization": f"Bearer {token}"} if token else {})


class Sending:
    """A client without its way of waiting."""

    def __init__(
        self, url: str, user: str | None, token: str | None, *, tries: int, patience: float, client: str
    ) -> None:
        address(url)
        self.url = url.rstrip("/")
        self.user = user
        self._headers = headers_for(user, client, token)
        self._most = (tries, patience)

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """The client for `KANBAN_URL` (or the local server), `KANBAN_USER` and `KANBAN_TOKEN`; `options` win."""
        options.setdefault("url", environment.get("KANBAN_URL") or DEFAULT_URL)
        options.setdefault("user", environment.get("KANBAN_USER") or None)
        options.setdefault("token", environment.get("KANBAN_TOKEN") or None)
        return cls(**options)

    def _request(self, call: Call[Any]) -> dict[str, Any]:
        """The call as httpx sends it: one idempotency key for all tries, under the lease of the block around it."""
        if call.changes and call.lease is None:
            call.lease = lease_within(self)
        url = self.url + call.target()
        return {"method": call.method, "url": url, "headers": call.headers(), "content": call.content() or None}

    def _answer(self, call: Call[T], response: httpx.Response) -> T:
        answer = call.answer(response.content, self.url)
        if call.changes:
            settle(self, call, answer)
        return answer

    def _tries(self) -> Tries:
        return Tries(self.url, *self._most)


def refused(tries: Tries, response: httpx.Response) -> float:
    """How long to wait after a refusal. Raises Refused where there is no use in waiting."""
    return tries.refused(response.status_code, response.headers.get("Retry-After"), response.content)
