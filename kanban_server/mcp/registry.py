"""The registry of tools: their names, descriptions and schemas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import NamedTuple, TypeVar, get_type_hints

from pydantic.json_schema import JsonSchemaValue

from kanban_server.mcp import arguments, schemas
from kanban_server.mcp.call import Call

A = TypeVar("A", bound=arguments.Arguments)
R = TypeVar("R", bound=Mapping[str, object])

Run = Callable[[Call, arguments.Arguments], Awaitable[Mapping[str, object]]]


class Tool(NamedTuple):
    """A tool, as it is listed and called."""

    name: str
    description: str
    arguments: type[arguments.Arguments]
    input_schema: JsonSchemaValue
    output_schema: JsonSchemaValue
    read_only: bool
    destructive: bool
    idempotent: bool
    """Whether the same call once more changes nothing further."""
    run: Run


TOOLS: dict[str, Tool] = {}


def tool(
    *, read_only: bool = False, destructive: bool = False, idempotent: bool = False
) -> Callable[[Callable[[Call, A], Coroutine[object, object, R]]], Callable[[Call, A], Coroutine[object, object, R]]]:
    """Make a function a tool: by its name, its docstring, what it takes and what it gives."""

    def register(
        function: Callable[[Call, A], Coroutine[object, object, R]],
    ) -> Callable[[Call, A], Coroutine[object, object, R]]:
        hints = get_type_hints(function)
        arguments_type: type[A] = hints["args"]

        async def run(call: Call, args: arguments.Arguments) -> Mapping[str, object]:
            assert isinstance(args, arguments_type)
            return await function(call, args)

        TOOLS[function.__name__] = Tool(
            function.__name__,
            " ".join((function.__doc__ or "").split()),
            arguments_type,
            schemas.input_schema(arguments_type),
            schemas.output_schema(hints["return"]),
            read_only,
            destructive,
            idempotent or read_only,
            run,
        )
        return function

    return register
