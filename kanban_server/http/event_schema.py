"""The JSON Schema of a board's events, made from the event types of the SDK (`EVENTS`)."""

from __future__ import annotations

import inspect

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from kanban_sdk.wire.boards import COUNTED
from kanban_sdk.wire.events import EVENTS, Event, TicketEvent
from kanban_sdk.wire.tickets import DERIVED

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOT_IN_EVENTS = {"Ticket": DERIVED - {"unmet"}, "Board": COUNTED}
"""The fields of shared shapes that are computed when they are read: no event carries them."""
WHOLE_OBJECTS = {"ticket": "Ticket", "board": "Board"}
"""Fields of event types that stand for the event's whole data, and their shapes."""
ENVELOPE = ("event", "type", "board_id", "seq", "cursor", "actor", "actor_id", "tx", "timestamp", "data")


def event_schema() -> JsonSchemaValue:
    """The schema of all events of a log. An event whose name a later version added is an `#/$defs/Event`."""
    definitions = event_definitions("#/$defs/")
    return {
        "$schema": DIALECT,
        "title": "Events of Agent Kanban",
        "description": "An event of a board's log, as pages, server-sent events, WebSockets and webhooks carry it. "
        "Later versions may add event names and fields: read an event with an unknown name as `#/$defs/Event`.",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in EVENTS.values()],
        "$defs": definitions,
    }


def event_definitions(ref_prefix: str) -> dict[str, JsonSchemaValue]:
    """The schemas of `Event`, of each event type, and of the shapes in them, by name.

    References to them begin with `ref_prefix`.
    """
    kinds: list[type[Event]] = [Event, *EVENTS.values()]
    _, schema = TypeAdapter.json_schemas(
        [(kind.__name__, "validation", TypeAdapter(kind)) for kind in kinds], ref_template=ref_prefix + "{model}"
    )
    shapes: dict[str, JsonSchemaValue] = schema["$defs"]
    described = {kind.__name__: shapes.pop(kind.__name__) for kind in kinds}
    for name, computed in NOT_IN_EVENTS.items():
        _remove_properties(shapes[name], computed)
    envelope = _envelope(described["Event"])
    events = {
        kind.__name__: _event(name, kind, described[kind.__name__], envelope, ref_prefix)
        for name, kind in EVENTS.items()
    }
    return {"Event": envelope, **events, **_used(shapes, ref_prefix, list(events.values()))}


def _envelope(event: JsonSchemaValue) -> JsonSchemaValue:
    """The fields that all events have."""
    properties = {**event["properties"], "type": {**event["properties"]["event"], "title": "Type"}}
    properties["data"] = {"type": "object"}
    for optional in ("actor_id", "tx"):
        properties[optional] = {key: value for key, value in properties[optional].items() if key != "default"}
    properties["seq"] = {**properties["seq"], "minimum": 1}
    properties["timestamp"] = {**properties["timestamp"], "format": "date-time"}
    return {
        "title": "Event",
        "description": "What all events of a log have. `seq` numbers the events of a board 1, 2, 3 …; `cursor` resumes "
        "after this event; events with the same `tx` are one change; `type` repeats `event`.",
        "type": "object",
        "properties": {name: properties[name] for name in ENVELOPE},
        "required": list(ENVELOPE),
    }


def _event(
    name: str, kind: type[Event], described: JsonSchemaValue, envelope: JsonSchemaValue, ref_prefix: str
) -> JsonSchemaValue:
    """The schema of one event type: the envelope with its name and its data."""
    own = [field for field in kind.__dataclass_fields__ if field not in Event.__dataclass_fields__]
    required = [field for field in own if field in described["required"]]
    properties = {field: described["properties"][field] for field in own}
    if issubclass(kind, TicketEvent) and not name.startswith("ticket_"):
        properties["ticket_id"] = {"type": "integer"}
        required.append("ticket_id")
    data: JsonSchemaValue = {"type": "object"}
    for field in WHOLE_OBJECTS.keys() & properties.keys():
        del properties[field]
        required.remove(field)
        data = {"allOf": [{"$ref": ref_prefix + WHOLE_OBJECTS[field]}]}
    if properties:
        data |= {"properties": properties}
    if required:
        data |= {"required": required}
    names = {field: {"const": name, "type": "string"} for field in ("event", "type")}
    return {
        "title": kind.__name__,
        "description": inspect.getdoc(kind),
        "type": "object",
        "properties": {**envelope["properties"], **names, "data": data},
        "required": envelope["required"],
    }


def _remove_properties(schema: JsonSchemaValue, names: frozenset[str]) -> None:
    schema["properties"] = {name: value for name, value in schema["properties"].items() if name not in names}
    schema["required"] = [name for name in schema["required"] if name not in names]


def _used(
    shapes: dict[str, JsonSchemaValue], ref_prefix: str, schemas: list[JsonSchemaValue]
) -> dict[str, JsonSchemaValue]:
    """The shapes that the schemas name, and those that they name in turn."""
    used: dict[str, JsonSchemaValue] = {}
    pending = list(schemas)
    while pending:
        text = str(pending.pop())
        for name in shapes.keys() - used.keys():
            if f"'{ref_prefix}{name}'" in text:
                used[name] = shapes[name]
                pending.append(shapes[name])
    return {name: used[name] for name in sorted(used)}
