"""The tools, each with its name, its description for models, its arguments and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar, cast

from kanban_sdk.wire.tools import arguments, results, schemas

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

P = ParamSpec("P")
A = TypeVar("A", bound=arguments.Arguments)
R = TypeVar("R", bound=Mapping[str, object])


@dataclass(frozen=True)
class ToolDefinition(Generic[P, A, R]):
    """A tool. `make` is the class of its arguments, and `result` the shape of its result.

    `idempotent` is whether the same call once more changes nothing further.
    """

    name: str
    description: str
    make: Callable[P, A]
    result: type[R]
    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False

    @property
    def arguments(self) -> type[A]:
        """The class of its arguments."""
        return cast("type[A]", self.make)

    @cached_property
    def input_schema(self) -> JsonSchemaValue:
        """The JSON Schema of its arguments."""
        return schemas.input_schema(self.arguments)

    @cached_property
    def output_schema(self) -> JsonSchemaValue:
        """The JSON Schema of its result."""
        return schemas.output_schema(self.result)


BOARD_STATE = ToolDefinition(
    "board_state",
    "The board at a glance: columns, your tickets, what is ready, the cursor for wait_events. Begin here.",
    arguments.BoardState,
    results.BoardSummary,
    read_only=True,
)
TICKET_LIST = ToolDefinition(
    "ticket_list",
    "List tickets, column by column from the top, with the total.",
    arguments.TicketList,
    results.TicketPage,
    read_only=True,
)
TICKET_GET = ToolDefinition(
    "ticket_get",
    "One ticket with its texts, attempts and newest comments.",
    arguments.TicketGet,
    results.TicketDetails,
    read_only=True,
)
TICKET_CREATE = ToolDefinition(
    "ticket_create",
    "Create a ticket, for new work or a follow-up that you found.",
    arguments.TicketCreate,
    results.TicketResult,
)
TICKET_UPDATE = ToolDefinition(
    "ticket_update",
    "Change fields ('' clears, null leaves; lists and append undo nothing of others). done finishes it.",
    arguments.TicketUpdate,
    results.DoneResult,
    destructive=True,
)
TICKET_MOVE = ToolDefinition(
    "ticket_move",
    "Move a ticket to a column, to its bottom unless told; a done column ends your claim.",
    arguments.TicketMove,
    results.TicketResult,
    idempotent=True,
)
TICKET_NEXT = ToolDefinition(
    "ticket_next",
    "Claim the best ready ticket, yours alone; your writes renew its lease. None: why. stop: nothing will come.",
    arguments.TicketNext,
    results.NextResult,
)
TICKET_LEASE = ToolDefinition(
    "ticket_lease",
    "Claim a certain ticket; renew your claim while you work long; release it with a note when you stop.",
    arguments.TicketLease,
    results.TicketResult,
    destructive=True,
)
COMMENT_ADD = ToolDefinition(
    "comment_add",
    "Comment on a ticket: findings, decisions, questions. @name reaches somebody.",
    arguments.CommentAdd,
    results.CommentResult,
)
TICKET_ASK = ToolDefinition(
    "ticket_ask",
    "Ask instead of guessing: the ticket waits, your claim stays. The reply comes to wait_events from its cursor.",
    arguments.TicketAsk,
    results.QuestionResult,
)
TICKET_DEPEND = ToolDefinition(
    "ticket_depend",
    "Let a ticket wait for others, or no longer, or make it part of a parent. Blocked tickets are not ready.",
    arguments.TicketDepend,
    results.TicketResult,
    idempotent=True,
)
WAIT_EVENTS = ToolDefinition(
    "wait_events",
    "Wait for changes by others instead of polling: returns at the first, or timed_out. Going on from "
    "its cursor misses none.",
    arguments.WaitEvents,
    results.EventsResult,
    read_only=True,
)

TOOLS = {
    tool.name: tool
    for tool in (
        BOARD_STATE,
        TICKET_LIST,
        TICKET_GET,
        TICKET_CREATE,
        TICKET_UPDATE,
        TICKET_MOVE,
        TICKET_NEXT,
        TICKET_LEASE,
        COMMENT_ADD,
        TICKET_ASK,
        TICKET_DEPEND,
        WAIT_EVENTS,
    )
}
