"""JSON Schemas of what tools take and give, in few bytes."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

SAID = frozenset({"type", "properties", "required", "items", "enum", "description", "additionalProperties"})
"""What of a schema is worth its bytes; bounds are told by the refusal."""


def taken(type: Any) -> dict[str, Any]:
    """The JSON Schema of what a tool takes, in few bytes: without titles, nulls, references and bounds."""
    return _slim(TypeAdapter(type).json_schema())


def told(type: Any) -> dict[str, Any]:
    """The JSON Schema of what a tool gives: what is always there. Its answers show the rest."""
    slim = _slim(TypeAdapter(type).json_schema(mode="serialization"))
    always = slim.get("required", slim["properties"])
    slim["properties"] = {name: field for name, field in slim["properties"].items() if name in always}
    for field in slim["properties"].values():
        if "items" in field:
            field["items"] = {"type": field["items"]["type"]}
    return slim


def _slim(node: dict[str, Any], defined: dict[str, Any] | None = None) -> dict[str, Any]:
    defined = node.get("$defs", {}) if defined is None else defined
    if "$ref" in node:
        node = defined[node["$ref"].rpartition("/")[2]]
    for choice in node.get("anyOf", ()):
        if choice != {"type": "null"}:
            node = {**choice, **node}
    kept = {name: value for name, value in node.items() if name in SAID}
    if "properties" in kept:
        kept["properties"] = {name: _slim(inner, defined) for name, inner in kept["properties"].items()}
        kept.pop("description", None)  # the class says it to who reads the code
    if "items" in kept:
        kept["items"] = _slim(kept["items"], defined)
    if kept.get("additionalProperties") is True:
        del kept["additionalProperties"]
    if isinstance(default := node.get("default"), int) and not isinstance(default, bool):
        kept["default"] = default
    return kept
