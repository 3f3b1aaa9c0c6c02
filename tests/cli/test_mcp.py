"""`kanban mcp` connects an agent program to the server's tools over stdio."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from kanban_sdk.wire.problems import MEDIA_TYPE
from tests.support.cli import ROOT, Shell
from tests.support.mcp import HANDSHAKE, PROBE, WITHOUT_PACKAGE, agent, bridged
from tests.support.proxy import proxied
from tests.support.servers import Server, free_port

PING = {"jsonrpc": "2.0", "id": "a", "method": "ping"}


def call(id: Any, tool: str, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


def lines(*messages: Any) -> str:
    return "".join(message if isinstance(message, str) else f"{json.dumps(message)}\n" for message in messages)


@pytest.mark.parametrize("mode", [HANDSHAKE, PROBE])
def test_an_agent_works_through_the_bridge_as_the_user_of_its_environment(
    kanban: Shell, sqlite: Server, sdk: Kanban, own: Board, mode: str
) -> None:
    with bridged(kanban.using(KANBAN_USER="Zoë"), mode=mode) as zoe, agent(f"{sqlite.url}/mcp") as direct:
        assert zoe.tools() == direct.tools()
        ticket = zoe("ticket_create", title="Through the pipe \u202e\u2028")["id"]
        assert zoe("ticket_next")["ticket"]["held_by"] == "Zoë"
        assert zoe.refused("unknown-column", "ticket_move", ticket=ticket, column="Nowhere")["columns"] == own.columns
        assert zoe.read("kanban://prime").startswith("you: Zoë\n")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                lambda: zoe("wait_events", seconds=30, own=True, ticket=ticket, events=["comment_added"])
            )
            while not waiting.done():
                zoe("comment_add", ticket=ticket, text="meanwhile")
            assert waiting.result()["events"][0]["text"] == "meanwhile"
    created = sdk.tickets.get(ticket)
    assert (created.created_by, created.board_id) == ("Zoë", own.id)
    assert {event.actor for event in sdk.boards.events(own.id, after=1).events} == {"Zoë"}


def test_the_bridge_needs_no_package_and_responds_to_any_line(kanban: Shell, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_PACKAGE)
    request = lines(
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        "{\n",
        "\n",
        [PING],
        {**PING, "method": 7},
        {"jsonrpc": "2.0", "id": 1, "result": {}},
        {**PING, "id": [1]},
        {**PING, "id": "odd", "method": "x\ny\u20ac"},
        PING,
        "[" * 100_000 + "\n",
        json.dumps(call(2, "ticket_list")),
    )
    result = kanban.ok("mcp", stdin=request, PYTHONPATH=f"{tmp_path}:{ROOT}")
    answers = [json.loads(line) for line in result.out.splitlines()]
    codes = [answer["error"]["code"] for answer in answers if answer["id"] is None]
    assert codes == [-32700, -32600, -32600, -32600, -32700]
    by_id = {str(answer["id"]): answer for answer in answers}
    assert by_id["a"]["result"] == {}
    assert by_id["2"]["result"]["structuredContent"]["total"] == 0
    assert by_id["odd"]["error"]["code"] == -32601


def test_without_a_server_it_reports_an_error_on_stdout_and_stderr_and_ends(kanban: Shell) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    result = kanban("mcp", "--url", nowhere, stdin=lines(PING, {**PING, "id": 2}))
    assert result.code == 8
    assert f"kanban: No answer from {nowhere}" in result.err
    assert f"next: kanban up --url {nowhere}" in result.err
    errors = [json.loads(line) for line in result.out.splitlines()]
    assert sorted(str(error["id"]) for error in errors) == ["2", "a"]
    assert {error["error"]["data"]["type"] for error in errors} == {"unreachable"}
    assert f"kanban up --url {nowhere}" in errors[0]["error"]["message"]


def test_a_request_with_a_lost_response_is_retried_and_takes_effect_once(
    kanban: Shell, sqlite: Server, sdk: Kanban, own: Board
) -> None:
    with proxied(sqlite.port) as proxy:
        proxy.drop_answer(keep=20)
        result = kanban.ok("mcp", stdin=lines(call(1, "ticket_create", title="Once")), KANBAN_URL=proxy.url)
        assert len(proxy.requests) == 2
    assert json.loads(result.out)["result"]["isError"] is False
    assert [ticket.title for ticket in sdk.boards.snapshot(own.id).tickets] == ["Once"]


def test_a_refusal_before_the_tools_is_an_error(kanban: Shell, sqlite: Server) -> None:
    body = json.dumps({"type": "mcp-not-installed", "status": 501, "detail": "No tools.", "fix": "Install them."})
    head = f"HTTP/1.1 501 Not Implemented\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
    with proxied(sqlite.port) as proxy:
        proxy.answer(f"{head}{body}".encode())
        result = kanban.ok("mcp", stdin=lines(PING), KANBAN_URL=proxy.url)
    error = json.loads(result.out)["error"]
    assert (error["message"], error["data"]["type"]) == ("No tools. Next: Install them.", "mcp-not-installed")


def test_a_missing_user_is_reported_at_once(kanban: Shell) -> None:
    result = kanban("mcp", stdin=lines(PING), KANBAN_USER="")
    assert (result.code, len(result.out.splitlines())) == (0, 1)
    assert "KANBAN_USER" in result.err
