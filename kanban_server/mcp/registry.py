"""The registry of the tools' implementations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeVar

from kanban_sdk.wire.tools.arguments import Arguments
from kanban_sdk.wire.tools.definitions import ToolDefinition
from kanban_server.mcp.call import Call

P = ParamSpec("P")
A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Mapping[str, object])

Run = Callable[[Call, Arguments], Awaitable[Mapping[str, object]]]


class Tool(NamedTuple):
    """A tool and what it does."""

    definition: ToolDefinition[..., Any, Any]
    run: Run


TOOLS: dict[str, Tool] = {}


def tool(
    definition: ToolDefinition[P, A, R],
) -> Callable[[Callable[[Call, A], Coroutine[object, object, R]]], Callable[[Call, A], Coroutine[object, object, R]]]:
    """Make a function the implementation of a tool."""

    def register(
        function: Callable[[Call, A], Coroutine[object, object, R]],
    ) -> Callable[[Call, A], Coroutine[object, object, R]]:
        async def run(call: Call, args: Arguments) -> Mapping[str, object]:
            assert isinstance(args, definition.arguments)
            return await function(call, args)

        TOOLS[definition.name] = Tool(definition, run)
        return function

    return register
