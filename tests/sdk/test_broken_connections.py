"""Promise 6 on the client's side: a call whose response is lost or late is retried, and takes effect once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from kanban_sdk import Board, Kanban, NotFound, ServerError, TooLarge, Unreachable
from kanban_sdk.calls import Call, boards, tickets
from kanban_sdk.transport.blocking import BlockingTransport
from tests.sdk.async_client import awaited
from tests.support.proxy import Proxy

Send = Callable[[Call[Any]], Any]


@pytest.fixture(params=["Kanban", "AsyncKanban", "BlockingTransport"])
def send(request: pytest.FixtureRequest, proxy: Proxy) -> Iterator[Send]:
    """Sends calls through the proxy, with each of the transports."""
    with ExitStack() as stack:
        if request.param == "BlockingTransport":
            yield BlockingTransport(proxy.url, {"X-Kanban-User": "ada"}, tries=3).send
        else:
            make = Kanban if request.param == "Kanban" else awaited
            yield stack.enter_context(make(proxy.url, "ada", tries=3)).send


def keys(proxy: Proxy) -> list[bytes]:
    """The idempotency keys of all requests."""
    matches = [re.search(rb"idempotency-key: *([^\r]+)", one, re.IGNORECASE) for one in proxy.requests]
    return [match[1] for match in matches if match]


@pytest.mark.parametrize("keep", [0, 20, 400], ids=["no-response", "in-the-head", "in-the-body"])
def test_a_call_whose_response_is_cut_off_is_retried_and_takes_effect_once(
    send: Send, proxy: Proxy, kanban: Kanban, board: Board, keep: int
) -> None:
    proxy.drop_answer(keep=keep)
    ticket = send(tickets.create("once", board=board.id))
    assert kanban.boards.tickets(board.id).tickets == [ticket]
    assert len(proxy.requests) == 2
    assert len(set(keys(proxy))) == 1

    send(tickets.create("twice", board=board.id))
    assert len(set(keys(proxy))) == 2


def test_a_read_whose_response_is_lost_is_retried(send: Send, proxy: Proxy, board: Board) -> None:
    proxy.drop_answer()
    assert send(boards.get(board.id)) == board
    assert keys(proxy) == []


def test_a_call_fails_after_its_last_try(send: Send, proxy: Proxy, board: Board) -> None:
    for _ in range(3):
        proxy.drop_answer()
    with pytest.raises(Unreachable):
        send(boards.get(board.id))
    assert len(proxy.requests) == 3


def test_a_call_is_retried_while_the_gateway_is_busy(send: Send, proxy: Proxy, kanban: Kanban, board: Board) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 8\r\nConnection: close\r\n\r\nPatience"
    proxy.answer(busy, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    ticket = send(tickets.create("patient", board=board.id))
    assert kanban.boards.tickets(board.id).tickets == [ticket]
    assert len(proxy.requests) == 3


def test_a_retry_after_beyond_the_patience_is_raised_at_once(send: Send, proxy: Proxy, board: Board) -> None:
    proxy.answer(b"HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with pytest.raises(ServerError) as failed:
        send(boards.get(board.id))
    assert failed.value.status == 503
    assert len(proxy.requests) == 1


def test_a_refusal_is_not_retried(send: Send, proxy: Proxy) -> None:
    with pytest.raises(NotFound):
        send(tickets.move(10**9, "Done"))
    assert len(proxy.requests) == 1


def test_a_refusal_that_arrives_before_the_whole_body_was_sent_is_read(send: Send, board: Board) -> None:
    with pytest.raises(TooLarge) as too_large:
        send(tickets.create("t", board=board.id, description="d" * 8_000_000))
    assert too_large.value.limit == 2**20


@pytest.mark.parametrize("body", [b'{"hello": "world"}', b"[1, 2]", b"<html></html>", b"null", b""])
def test_a_response_that_is_no_kanban_servers_is_unreachable(send: Send, proxy: Proxy, body: bytes) -> None:
    proxy.answer(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
    with pytest.raises(Unreachable, match="no kanban server"):
        send(boards.get(1))
