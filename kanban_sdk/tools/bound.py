"""`Tools` and `AsyncTools`: the tools on a board, for a client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, cast

from kanban_sdk.client import AsyncKanban, Kanban
from kanban_sdk.problem_types import exception_for
from kanban_sdk.tools.answers import WAIT_MARGIN, ToolAnswer, tool_call, wait_of
from kanban_sdk.transport.retries import RetryPolicy
from kanban_sdk.wire.tools import definitions
from kanban_sdk.wire.tools.arguments import Arguments
from kanban_sdk.wire.tools.definitions import TOOLS, ToolDefinition

P = ParamSpec("P")
A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Mapping[str, object])


class blocking_tool(Generic[P, R]):  # noqa: N801 - it reads like a decorator
    """A tool as a blocking method."""

    def __init__(self, definition: ToolDefinition[P, A, R]) -> None:
        self._definition = definition
        self.__doc__ = definition.description

    def __get__(self, tools: Tools | None, owner: type[object]) -> Callable[P, R]:
        definition = self._definition

        @wraps(definition.make)
        def call(*arguments: P.args, **keywords: P.kwargs) -> R:
            assert tools is not None
            answer = tools.call(definition.name, _json(definition.make(*arguments, **keywords)))
            return _result(answer, definition.result)

        return call


class awaited_tool(Generic[P, R]):  # noqa: N801 - it reads like a decorator
    """A tool as an async method."""

    def __init__(self, definition: ToolDefinition[P, A, R]) -> None:
        self._definition = definition
        self.__doc__ = definition.description

    def __get__(self, tools: AsyncTools | None, owner: type[object]) -> Callable[P, Coroutine[Any, Any, R]]:
        definition = self._definition

        @wraps(definition.make)
        async def call(*arguments: P.args, **keywords: P.kwargs) -> R:
            assert tools is not None
            answer = await tools.call(definition.name, _json(definition.make(*arguments, **keywords)))
            return _result(answer, definition.result)

        return call


def _json(arguments: Arguments) -> dict[str, object]:
    return arguments.model_dump(mode="json", exclude_unset=True)


def _result(answer: ToolAnswer, kind: type[R]) -> R:
    """The result of a tool, which the server has checked. Raises Refused."""
    if answer.is_error:
        raise exception_for(answer.content)
    return cast("R", answer.content)


class _Bound:
    """The tools on a board, without the sending."""

    def __init__(
        self, kanban: Kanban | AsyncKanban, board: int | str | None = None, *, only: Collection[str] | None = None
    ) -> None:
        if unknown := sorted(set(only or ()) - TOOLS.keys()):
            raise ValueError(f"There is no tool {', '.join(unknown)}. The tools are {', '.join(TOOLS)}.")
        self._policy = kanban.policy
        self.board = board
        self.definitions: list[ToolDefinition[..., Any, Any]] = [
            tool for tool in TOOLS.values() if only is None or tool.name in only
        ]
        """The tools that are offered: their names, descriptions and JSON schemas."""

    def _policy_for(self, arguments: Mapping[str, object]) -> RetryPolicy:
        return replace(self._policy, timeout=max(self._policy.timeout, wait_of(arguments) + WAIT_MARGIN))


class Tools(_Bound):
    """The tools of MCP on a board, as functions that block: keyword arguments, and the tool's result.

    >>> tools = Tools(kanban, board=1)
    >>> claimed = tools.ticket_next(labels=["ui"])
    >>> if "ticket" in claimed:
    ...     tools.ticket_update(ticket=claimed["ticket"]["id"], done=True, note="It is fixed.")

    `board` is a number or a name, and can be left out if there is only one; `only` are the names of the tools to offer
    to a model. Wrong arguments raise `pydantic.ValidationError`, a refusal the class of its type.
    """

    board_state = blocking_tool(definitions.BOARD_STATE)
    ticket_list = blocking_tool(definitions.TICKET_LIST)
    ticket_get = blocking_tool(definitions.TICKET_GET)
    ticket_create = blocking_tool(definitions.TICKET_CREATE)
    ticket_update = blocking_tool(definitions.TICKET_UPDATE)
    ticket_move = blocking_tool(definitions.TICKET_MOVE)
    ticket_next = blocking_tool(definitions.TICKET_NEXT)
    ticket_lease = blocking_tool(definitions.TICKET_LEASE)
    comment_add = blocking_tool(definitions.COMMENT_ADD)
    ticket_ask = blocking_tool(definitions.TICKET_ASK)
    ticket_depend = blocking_tool(definitions.TICKET_DEPEND)
    wait_events = blocking_tool(definitions.WAIT_EVENTS)

    def __init__(self, kanban: Kanban, board: int | str | None = None, *, only: Collection[str] | None = None) -> None:
        super().__init__(kanban, board, only=only)
        self._kanban = kanban

    def call(self, tool: str, arguments: Mapping[str, object]) -> ToolAnswer:
        """Call a tool with a model's arguments. A refusal is an answer, from which the model learns how to go on."""
        return self._kanban.send(tool_call(tool, arguments, self.board), self._policy_for(arguments))


class AsyncTools(_Bound):
    """`Tools`, awaited.

    >>> tools = AsyncTools(kanban, board=1)
    >>> state = await tools.board_state()
    """

    board_state = awaited_tool(definitions.BOARD_STATE)
    ticket_list = awaited_tool(definitions.TICKET_LIST)
    ticket_get = awaited_tool(definitions.TICKET_GET)
    ticket_create = awaited_tool(definitions.TICKET_CREATE)
    ticket_update = awaited_tool(definitions.TICKET_UPDATE)
    ticket_move = awaited_tool(definitions.TICKET_MOVE)
    ticket_next = awaited_tool(definitions.TICKET_NEXT)
    ticket_lease = awaited_tool(definitions.TICKET_LEASE)
    comment_add = awaited_tool(definitions.COMMENT_ADD)
    ticket_ask = awaited_tool(definitions.TICKET_ASK)
    ticket_depend = awaited_tool(definitions.TICKET_DEPEND)
    wait_events = awaited_tool(definitions.WAIT_EVENTS)

    def __init__(
        self, kanban: AsyncKanban, board: int | str | None = None, *, only: Collection[str] | None = None
    ) -> None:
        super().__init__(kanban, board, only=only)
        self._kanban = kanban

    async def call(self, tool: str, arguments: Mapping[str, object]) -> ToolAnswer:
        """Call a tool with a model's arguments. A refusal is an answer, from which the model learns how to go on."""
        return await self._kanban.send(tool_call(tool, arguments, self.board), self._policy_for(arguments))
