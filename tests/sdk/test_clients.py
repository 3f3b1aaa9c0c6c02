"""What a client shows of itself and of its errors: never a token, and one line instead of three tracebacks."""

from __future__ import annotations

import asyncio
import pydoc
import traceback

import pytest

from kanban_sdk import AsyncKanban, Kanban, Unreachable
from kanban_sdk.calls import boards
from kanban_sdk.transport.blocking import BlockingTransport
from tests.sdk.conftest import Connect
from tests.support.servers import free_port

SECRET = "kbn_1234567890abcdef"


def test_a_client_shows_where_it_is_and_who_acts_but_no_secret() -> None:
    url = f"https://ada:{SECRET}@board.example:8443/under"
    with Kanban(url, "ada", token=SECRET) as kanban:
        assert repr(kanban) == "<Kanban https://board.example:8443/under as ada>"
        text = [kanban, kanban.tickets, kanban.watch(1), kanban.claim(1), kanban.policy, kanban._http, kanban.send]
        assert SECRET not in repr(text)
    awaited = AsyncKanban("http://board.example", token=SECRET)
    assert repr(awaited) == "<AsyncKanban http://board.example>"
    asyncio.run(awaited.close())
    assert SECRET not in repr(BlockingTransport(url, {"Authorization": f"Bearer {SECRET}"}))


@pytest.mark.parametrize("client", [Kanban, AsyncKanban])
def test_the_help_of_a_client_shows_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, client: type[Kanban | AsyncKanban]
) -> None:
    monkeypatch.setenv("KANBAN_TOKEN", SECRET)
    monkeypatch.setenv("OTHER_SECRET", "of another program")
    for thing in (client, client.from_env, client.__init__):
        text = pydoc.plain(pydoc.render_doc(thing))
        assert SECRET not in text
        assert "of another program" not in text
    kanban = client.from_env()
    assert kanban._headers["Authorization"] == f"Bearer {SECRET}"


def test_the_error_of_a_failed_connection_shows_no_password() -> None:
    port = free_port()
    with Kanban(f"http://ada:{SECRET}@127.0.0.1:{port}", tries=1) as kanban, pytest.raises(Unreachable) as unreachable:
        kanban.boards.all()
    assert SECRET not in str(unreachable.value)
    with pytest.raises(Unreachable) as unreachable:
        BlockingTransport(f"http://ada:{SECRET}@127.0.0.1:{port}", {}).send(boards.all())
    assert SECRET not in str(unreachable.value)


def test_a_failed_connection_has_one_traceback_and_one_line(connect: Connect) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    client = connect(url, tries=2)
    for fail in (
        client.boards.all,
        lambda: BlockingTransport(url, {}).send(boards.all()),
        client.watch(1, patience=0).connect,
    ):
        with pytest.raises(Unreachable) as unreachable:
            fail()
        text = "".join(traceback.format_exception(unreachable.value))
        assert text.count("Traceback") == 1
        assert str(unreachable.value).startswith(f"No answer from {url}: ")
        assert "\n" not in str(unreachable.value)
