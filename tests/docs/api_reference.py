"""The pages of the reference about requests, tools and the SDK, from the code."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from kanban_sdk import Kanban
from kanban_sdk.binding import Resource

Schema = dict[str, Any]
TOP = ("boards", "tickets", "comments", "inbox", "users", "tokens", "members", "webhooks")
"""The resources of a client, in the order of the page."""


def http() -> str:
    """Return every request of the API, with its parameters and the fields of its body, and every shape."""
    from kanban_server.app import ROUTERS
    from kanban_server.http.openapi import describe

    description = describe([route for router in ROUTERS for route in router.routes])
    paths: dict[str, dict[str, Schema]] = description["paths"]  # type: ignore[assignment]
    shapes: dict[str, Schema] = description["components"]["schemas"]  # type: ignore[index]
    by_tag: dict[str, list[str]] = {}
    for path, methods in sorted(paths.items()):
        for method, operation in methods.items():
            by_tag.setdefault(operation.get("tags", ["other"])[0], []).append(_request(method, path, operation))
    parts = [
        "# HTTP\n",
        "`/docs` on a server shows the same, and can send requests; `/openapi.json` is the description for programs. "
        "Each refusal is a [problem](problems.md).\n",
    ]
    for tag, requests in by_tag.items():
        parts += [f"## {tag.capitalize()}\n", *requests]
    parts += ["## Shapes\n", *(_shape(name, shape) for name, shape in sorted(shapes.items()))]
    return "\n".join(parts)


def tools() -> str:
    """Return every tool for agents (MCP), with its arguments."""
    from kanban_server.mcp.tools import TOOLS

    parts = [
        "# Tools for agents (MCP)\n",
        "A server has them at `/mcp`; `kanban mcp` connects a program that starts its tools over stdin and stdout. "
        "The name and the token come from the environment, never from an argument.\n",
    ]
    for tool in (registered.definition for registered in TOOLS.values()):
        hints = {"reads only": tool.read_only, "may destroy": tool.destructive, "may be repeated": tool.idempotent}
        notes = ", ".join(hint for hint, holds in hints.items() if holds)
        parts += [f"## {tool.name}\n", tool.description + (f" ({notes})" if notes else "") + "\n"]
        parts.append(_fields(tool.input_schema, described=True))
    return "\n".join(parts)


def sdk() -> str:
    """Return every operation of the SDK, with its signature."""
    parts = [
        "# The SDK's operations\n",
        "`Kanban` is the blocking client; `AsyncKanban` has the same methods as coroutines.\n",
        "## kanban\n",
    ]
    own = [name for name in dir(Kanban) if not name.startswith("_") and callable(getattr(Kanban, name))]
    parts += [_operation("kanban", name, getattr(Kanban, name)) for name in own]
    with Kanban("http://127.0.0.1:1", "ada") as client:  # connects at the first request
        resources: dict[str, Resource] = {name: getattr(client, name) for name in TOP}
        for name, resource in resources.items():
            parts += [f"## kanban.{name}\n", f"{_first_paragraph(type(resource))}\n"]
            operations = [key for key in vars(type(resource)) if not key.startswith("_")]
            parts += [_operation(f"kanban.{name}", key, getattr(type(resource), key)) for key in operations]
    return "\n".join(parts)


def _operation(owner: str, name: str, function: Callable[..., object]) -> str:
    parameters = [part for part in inspect.signature(function).parameters.values() if part.name != "self"]
    texts = [str(part.replace(annotation=_Text(str(part.annotation)))) for part in parameters]
    at = next((at for at, part in enumerate(parameters) if part.kind is part.KEYWORD_ONLY), None)
    if at is not None:
        texts.insert(at, "*")
    signature = ", ".join(texts)
    return f"### {name}\n\n```text\n{owner}.{name}({signature})\n```\n\n{inspect.getdoc(function) or ''}\n"


class _Text(str):
    """An annotation as it is written, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _request(method: str, path: str, operation: Schema) -> str:
    parts = [f"### `{method.upper()} {path}`\n", f"{operation.get('description', '')}\n"]
    rows = [
        f"| `{item['name']}` | {item['in']} | {_type(item['schema'])} | {'yes' if item.get('required') else ''} |"
        for item in operation.get("parameters", ())
    ]
    if rows:
        parts += ["| parameter | in | type | required |", "| --- | --- | --- | --- |", *rows, ""]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        parts.append(f"Body: {_type(media['schema'])}\n")
    for status, response in operation["responses"].items():
        kinds = [_type(media["schema"]) for media in response.get("content", {}).values() if media.get("schema")]
        if status[0] == "2":
            parts.append(f"Response {status}: {', '.join(kinds) or response['description']}\n")
    return "\n".join(parts)


def _shape(name: str, shape: Schema) -> str:
    text = " ".join(str(shape.get("description", "")).split())
    return "\n".join([f"### {name}\n", *([f"{text}\n"] if text else []), _fields(shape, described=False)])


def _fields(schema: Schema, *, described: bool) -> str:
    required = schema.get("required", ())
    rows = list(_field_rows(schema, required, described=described))
    if not rows:
        return ""
    heads = ["field", "type", "required", *(["meaning"] if described else [])]
    return "\n".join([f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *rows, ""])


def _field_rows(schema: Schema, required: list[str], *, described: bool) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        cells = [f"`{name}`", _type(field), "yes" if name in required else ""]
        if described:
            cells.append(str(field.get("description", "")).replace("|", "\\|"))
        yield f"| {' | '.join(cells)} |"


def _type(schema: Schema) -> str:
    """The type in words, with links to shapes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " \\| ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " \\| ".join(dict.fromkeys(_type(choice) for choice in schema[key]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _first_paragraph(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")
