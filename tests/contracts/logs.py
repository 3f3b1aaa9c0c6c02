"""The events of a server's logs as they are sent, and what a schema refuses of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from kanban_sdk.wire.events import EVENTS, read_event
from tests.server.rest import done
from tests.support.servers import Server

Json = dict[str, Any]


def logs(server: Server) -> Iterator[Json]:
    """Yield the events of all boards of an open server, also of deleted ones."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for board in count(1):
            after: str | int = 0
            more = True
            while more:
                response = client.get(f"/api/boards/{board}/events", params={"after": after})
                if response.status_code == 404:
                    return
                page = done(response)
                yield from page["events"]
                after, more = page["cursor"], page["more"]


def invalid(schema: Json, values: list[Json]) -> list[str]:
    """Return the errors of the values that the schema refuses."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{value}: {error.message}" for value in values for error in validator.iter_errors(value)]


def check_described(server: Server) -> list[Json]:
    """The events of all logs are as the server's schema describes them, and the SDK reads each as its own type."""
    schema = done(httpx.get(f"{server.url}/events.schema.json"))
    events = list(logs(server))
    assert invalid(schema, events) == []
    for event in events:
        assert type(read_event(event)) is EVENTS[event["event"]], event
    return events
