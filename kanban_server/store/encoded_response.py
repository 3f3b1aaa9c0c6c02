"""Responses as they are sent, and as they are stored under an idempotency key."""

from __future__ import annotations

from typing import NamedTuple

Scope = frozenset[int]
"""The boards that a token is limited to."""


class EncodedResponse(NamedTuple):
    """A response as it is sent."""

    status: int
    body: bytes
    etag: str | None = None
    replayed: bool = False


class IdempotencyRecord(NamedTuple):
    """What is stored for a key that was used before."""

    fingerprint: bytes
    answer: EncodedResponse
    boards: tuple[int, ...]
    """The boards that the request locked. A viewer who may not see all of them does not get the response."""
    scope: Scope | None
    """The scope of the token that got the response; None means no limit."""
