"""The health of a server."""

from __future__ import annotations

from typing import Literal, TypedDict


class Health(TypedDict):
    """A server that responds: its version, its kind of database and the database's id, and its open streams.

    `time` is the server's clock, ISO-8601 in UTC.
    """

    status: Literal["healthy"]
    version: str
    database: str
    database_id: str
    connections: int
    time: str
