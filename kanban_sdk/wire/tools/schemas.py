"""Compact JSON Schemas of tools' arguments and results."""

from __future__ import annotations

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from typing_extensions import TypeForm

KEPT_KEYWORDS = frozenset({"type", "properties", "required", "items", "enum", "description", "additionalProperties"})
"""Schema keywords that are kept; refusals state the bounds."""


def input_schema(type: TypeForm[object]) -> JsonSchemaValue:
    """The JSON Schema of a tool's arguments, without titles, nulls, references and bounds."""
    return _simplify(TypeAdapter(type).json_schema())


def output_schema(type: TypeForm[object]) -> JsonSchemaValue:
    """The JSON Schema of a tool's result: only the required fields."""
    schema = _simplify(TypeAdapter(type).json_schema(mode="serialization"))
    required = schema["required"] if "required" in schema else schema["properties"]
    schema["properties"] = {name: field for name, field in schema["properties"].items() if name in required}
    for field in schema["properties"].values():
        if "items" in field:
            field["items"] = {"type": field["items"]["type"]}
    return schema


def _simplify(node: JsonSchemaValue, definitions: JsonSchemaValue | None = None) -> JsonSchemaValue:
    definitions = node.get("$defs", {}) if definitions is None else definitions
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]]
    for choice in node.get("anyOf", ()):
        if choice != {"type": "null"}:
            node = {**choice, **node}
    simplified = {name: value for name, value in node.items() if name in KEPT_KEYWORDS}
    if "properties" in simplified:
        simplified["properties"] = {
            name: _simplify(inner, definitions) for name, inner in simplified["properties"].items()
        }
        simplified.pop("description", None)  # the docstring is for readers of the code
    if "items" in simplified:
        simplified["items"] = _simplify(simplified["items"], definitions)
    if simplified.get("additionalProperties") is True:
        del simplified["additionalProperties"]
    if isinstance(default := node.get("default"), int) and not isinstance(default, bool):
        simplified["default"] = default
    return simplified
