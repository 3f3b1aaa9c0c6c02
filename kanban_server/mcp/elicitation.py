"""A question to the person at the client, before it goes to the board.

A client of the newest protocol that can ask its user gets the question as the answer to the tool call, and calls again
with what the person said. The server keeps nothing in between.
"""

from __future__ import annotations

from mcp.server.context import ServerRequestContext
from mcp_types import CallToolRequestParams, ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import is_version_at_least
from starlette.requests import Request

from kanban_sdk.wire.tickets import Ticket
from kanban_sdk.wire.tools.arguments import TicketAsk
from kanban_server.actions import queries
from kanban_server.mcp.call import Call
from kanban_server.mcp.rendering import show_invisible, truncate
from kanban_server.rules.markdown.mentions import find_mentions

SINCE = "2026-07-28"
"""The first protocol version in which a server without sessions can ask."""
KEY = "answer"
TITLE_CHARACTERS = 100
SCHEMA = {
    "type": "object",
    "properties": {KEY: {"type": "string", "title": "Answer"}},
    "required": [KEY],
}


async def elicit_answer(
    context: ServerRequestContext[object, Request], params: CallToolRequestParams, call: Call, asked: TicketAsk
) -> InputRequiredResult | str | None:
    """The request to ask the person at the client; or their answer; or None, if the question belongs on the board.

    It belongs there if it asks or mentions somebody or names a column, if the client can't ask, if the person has
    declined, or if the board would refuse it. Refused: `not-found`.
    """
    if asked.to or asked.column or find_mentions(asked.text) or not _can_ask(context):
        return None
    responses = params.input_responses or {}
    if KEY in responses:
        response = responses[KEY]
        content = response.content or {} if isinstance(response, ElicitResult) and response.action == "accept" else {}
        return str(content.get(KEY) or "").strip() or None
    ticket = await call.read(lambda tx: queries.read_ticket(tx, asked.ticket))
    if ticket.claim is not None and ticket.claim.holder not in call.actor.names:
        return None
    form = ElicitRequestFormParams(message=_message(ticket, asked.text), requested_schema=SCHEMA)
    return InputRequiredResult(input_requests={KEY: ElicitRequest(params=form)})


def _can_ask(context: ServerRequestContext[object, Request]) -> bool:
    """Whether the client has said that it shows forms; a capability without a mode means forms."""
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    shows_forms = elicitation is not None and (elicitation.form is not None or elicitation.url is None)
    return shows_forms and is_version_at_least(context.protocol_version, SINCE)


def _message(ticket: Ticket, text: str) -> str:
    title = truncate(ticket.title, TITLE_CHARACTERS) or ""
    lines = [f"Ticket {ticket.id}, {title}:", text, f"If you decline, it waits on the board for {ticket.created_by}."]
    return show_invisible("\n\n".join(lines))
