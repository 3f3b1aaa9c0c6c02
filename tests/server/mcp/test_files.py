"""Files of tickets over MCP: attached with a comment, and read as resources."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kanban_sdk import Board, Kanban
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.mcp import Agent, agent
from tests.support.pictures import decode, picture
from tests.support.servers import Server, running


@pytest.fixture(scope="module")
def small_server(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server whose limits are quickly reached."""
    limits = {"KANBAN_FILE_BYTES": "2000", "KANBAN_TICKET_FILE_BYTES": "3000", "KANBAN_IMAGE_PIXELS": "10000"}
    with running(databases.make("sqlite", pytestconfig), **limits) as server:
        yield server


@contextmanager
def agent_of(actor: Actor) -> Iterator[Agent]:
    """An agent with the identity of an actor."""
    headers = {"Authorization": f"Bearer {actor.token}"} if actor.token else {}
    user = None if actor.token else actor.name
    with agent(f"{actor.server.url}/mcp?board={actor.board}", user, headers=headers) as client:
        yield client


def data_url(content: bytes) -> str:
    return f"data:application/octet-stream;base64,{b64encode(content).decode()}"


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_who_may_write_attaches_files_with_a_comment(writer: Actor) -> None:
    kanban = writer.kanban()
    ticket = kanban.tickets.create("x", board=writer.board).id
    image = picture("png")
    with agent_of(writer) as mcp:
        files = {"build.log": "it failed: ü\n", "shot.png": data_url(image)}
        result = mcp("comment_add", ticket=ticket, text="See the log.", files=files)
        assert result["files"] == ["build.log", "shot.png"]
        assert mcp("ticket_get", ticket=ticket)["files"] == ["build.log", "shot.png"]
        assert mcp.read(f"kanban://ticket/{ticket}/files/build.log") == "it failed: ü\n"
        again = mcp("comment_add", ticket=ticket, text="And another.", files={"../Build.log": "other"})
        assert (again["files"], len(again["warnings"])) == (["Build-2.log"], 1), "a taken name gets a number"
    log, shot, _ = kanban.files.all(ticket)
    assert (log.created_by, log.media_type, shot.media_type) == (writer.name, "text/plain", "image/png")
    assert kanban.files.read(ticket, "build.log") == "it failed: ü\n".encode()
    assert [comment.text for comment in kanban.comments.all(ticket)] == ["See the log.", "And another."]


def test_a_viewer_attaches_nothing_and_comments_nothing(viewer: Actor) -> None:
    kanban = viewer.admin()
    ticket = kanban.tickets.create("x", board=viewer.board).id
    elsewhere = kanban.tickets.create("x", board=kanban.boards.create("Not for the viewer").id).id
    with agent_of(viewer) as mcp:
        mcp.refused("not-allowed", "comment_add", ticket=ticket, text="x", files={"a.txt": "a"})
        mcp.refused("not-found", "comment_add", ticket=elsewhere, text="x", files={"a.txt": "a"})
    assert (kanban.files.all(ticket), kanban.comments.all(ticket)) == ([], [])


@pytest.mark.parametrize(
    ("files", "detail"),
    [
        ({"a.bin": "data:;base64,no base64!"}, "is not base64"),
        ({"a.bin": "data:;base64,AAA"}, "is not base64"),
        ({"a.bin": "data:;base64,"}, "is empty"),
        ({"a.txt": ""}, "is empty"),
        ({"": "x"}, "1 to 1000 characters"),
        ({f"{number}.txt": "x" for number in range(11)}, "at most 10"),
    ],
)
def test_what_is_no_file_is_refused_with_the_comment(
    ada: Agent, kanban: Kanban, board: Board, files: dict[str, str], detail: str
) -> None:
    ticket = kanban.tickets.create("x", board=board.id).id
    refused = ada.refused("invalid-request", "comment_add", ticket=ticket, text="x", files={"good.txt": "x", **files})
    assert detail in refused["detail"]
    assert (kanban.files.all(ticket), kanban.comments.all(ticket)) == ([], [])


def test_files_of_agents_have_the_limits_of_all_files(small_server: Server) -> None:
    with small_server.kanban("root") as kanban, agent(f"{small_server.url}/mcp?board=1", "ada") as mcp:
        ticket = kanban.tickets.create("x", board=1).id
        large = mcp.refused("body-too-large", "comment_add", ticket=ticket, text="x", files={"a": "x" * 2001})
        assert large["limit"] == 2000
        two = {"a.txt": "a" * 1600, "b.txt": "b" * 1600}
        full = mcp.refused("quota-exceeded", "comment_add", ticket=ticket, text="x", files=two)
        assert (full["what"], full["limit"]) == ("ticket_file_bytes", 3000)
        pixels = {"a.txt": "a", "big.png": data_url(picture("png", 200, 200))}
        assert mcp.refused("invalid-image", "comment_add", ticket=ticket, text="x", files=pixels)["limit"] == 10_000
        assert (kanban.files.all(ticket), kanban.comments.all(ticket)) == ([], [])
        mcp("comment_add", ticket=ticket, text="x", files={"a.txt": "a" * 1600})


def test_a_retry_attaches_and_comments_once(ada: Agent, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("x", board=board.id).id
    for _ in range(2):
        result = ada("comment_add", ticket=ticket, text="x", files={"a.txt": "a"}, key="once")
        assert result["files"] == ["a.txt"]
    other = {"a.txt": "another"}
    ada.refused("idempotency-mismatch", "comment_add", ticket=ticket, text="x", files=other, key="once")
    assert (len(kanban.files.all(ticket)), len(kanban.comments.all(ticket))) == (1, 1)


def test_an_agent_reads_the_files_of_a_ticket(ada: Agent, kanban: Kanban, board: Board) -> None:
    ticket = kanban.tickets.create("With files", board=board.id).id
    for name, content in (("build log.txt", b"failed\xe2\x80\xae here"), ("shot.png", picture("png"))):
        kanban.files.attach(ticket, content, name=name)
    kanban.files.attach(ticket, b"x" * 1_100_000, name="huge.txt")
    assert ada("ticket_get", ticket=ticket)["files"] == ["build log.txt", "shot.png", "huge.txt"]
    prefix = f"kanban://ticket/{ticket}/files"
    assert ada.read(f"{prefix}/build%20log.txt") == "failed\\u202e here", "a model would read what nobody sees"
    assert decode(ada.read_blob(f"{prefix}/shot.png")).size == (60, 40)
    for wrong, reason in (("huge.txt", "are the most"), ("no.txt", "There is no")):
        with pytest.raises(Exception, match=reason):
            ada.read(f"{prefix}/{wrong}")
