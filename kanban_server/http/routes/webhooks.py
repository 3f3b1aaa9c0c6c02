"""Webhooks over HTTP."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kanban_sdk.wire.boards import Message
from kanban_sdk.wire.bodies import Id
from kanban_sdk.wire.bodies.webhook_bodies import NewWebhook
from kanban_sdk.wire.webhooks import Webhook
from kanban_server.actions import webhooks
from kanban_server.entry.execute import query
from kanban_server.entry.state import state_of
from kanban_server.http.responses import read_response, write_response
from kanban_server.http.routing import Router
from kanban_server.rules.webhooks import AddressNotAllowed, check_url, webhook_refusal

router = Router(prefix="/api/boards/{board_id}/webhooks", tags=["webhooks"])


@router.get("", response_model=list[Webhook])
async def list_webhooks(request: Request, board_id: Id) -> Response:
    """A board's webhooks, where each stands, and what is wrong with it; for the board's admins."""
    return await read_response(request, webhooks.list_webhooks, board_id)


@router.post("", status_code=201, response_model=Webhook)
async def add_webhook(request: Request, board_id: Id, body: NewWebhook) -> Response:
    """Have the board's events posted to an address, signed; one that is there already goes on again."""
    deliveries = state_of(request).deliveries
    await query(
        request, lambda tx: webhooks.list_webhooks(tx, board_id)
    )  # checks permission before a host name is resolved
    try:
        await (await deliveries.client()).check(check_url(body.url))
    except AddressNotAllowed as error:
        fix = "Name a host of the public network, or start the server with KANBAN_WEBHOOK_PRIVATE=true."
        raise webhook_refusal(f"{error}.", fix) from error
    response = await write_response(request, webhooks.add, board_id, body)
    deliveries.wake()
    return response


@router.delete("/{webhook_id}", response_model=Message)
async def remove_webhook(request: Request, board_id: Id, webhook_id: Id) -> Response:
    """Post nothing more to it."""
    return await write_response(request, webhooks.remove, board_id, webhook_id)
