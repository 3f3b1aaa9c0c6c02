"""Calls of tools, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kanban_sdk.calls.call import Call
from kanban_sdk.problem_types import exception_for
from kanban_sdk.wire.tickets import TicketMoveResult
from kanban_sdk.wire.tools.definitions import TOOLS

WAIT_MARGIN = 15.0
"""Seconds that a call may take beyond the wait that is asked for."""


@dataclass(frozen=True)
class ToolAnswer:
    """The answer to a tool call: `text` for a model, `content` as JSON. A refusal is an answer too (`is_error`)."""

    text: str
    content: dict[str, Any]
    is_error: bool = False
    results: list[TicketMoveResult] = field(default_factory=list, repr=False)
    """The ticket that the call may have changed: the claim of an enclosing block is checked after it."""


def tool_call(tool: str, arguments: Mapping[str, object], board: int | str | None) -> Call[ToolAnswer]:
    """Call a tool as MCP does. `board` is the board where the arguments name none."""
    changes = tool in TOOLS and not TOOLS[tool].read_only
    ticket = arguments.get("ticket")

    def read(data: Any) -> ToolAnswer:
        if "error" in data:
            raise exception_for({"type": "invalid-request", "status": 400, "detail": str(data["error"]["message"])})
        result = data["result"]
        is_error = bool(result.get("isError"))
        changed = [TicketMoveResult(ticket, True)] if changes and not is_error and isinstance(ticket, int) else []
        text = "\n".join(item["text"] for item in result["content"])
        return ToolAnswer(text, dict(result["structuredContent"]), is_error, changed)

    params = {"name": tool, "arguments": dict(arguments)}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return Call("POST", "/mcp", read, query={"board": board}, body=body)


def wait_of(arguments: Mapping[str, object]) -> float:
    """Seconds that a call with these arguments waits on the server, at most."""
    from kanban_sdk.wire.tools.arguments import WAIT_SECONDS

    seconds = (arguments.get(name) for name in ("wait", "seconds"))
    return max((float(one) for one in seconds if isinstance(one, int | float)), default=float(WAIT_SECONDS))
