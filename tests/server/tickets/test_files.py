"""Files of tickets: attached, read, removed; who may do that, and what they may not learn."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from kanban_sdk import Kanban
from kanban_server.files.storage import WRITE_CHUNKS
from kanban_server.store.queries.files import CHUNK_BYTES
from tests.faults.test_repair import bad, doctor
from tests.faults.validators import check_everything
from tests.server.rest import done, events, new_ticket, problem, ticket_of
from tests.server.tickets.attaching import attach, attached, read
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.people import Guarded
from tests.support.pictures import FORMATS, SECRET_PLACE, decode, picture
from tests.support.servers import Server, running
from tests.support.waiting import until

BIG = CHUNK_BYTES * WRITE_CHUNKS + CHUNK_BYTES // 2
"""Bytes that take several transactions, and a last part that is not full."""


@pytest.fixture
def ticket(rest: httpx.Client, board_id: int) -> int:
    return int(new_ticket(rest, board_id)["id"])


@pytest.fixture(params=["database", "folder"])
def store(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[tuple[Server, Path | None]]:
    """A server that stores contents in its database, or in a folder."""
    folder = tmp_path / "files" if request.param == "folder" else None
    settings = {"KANBAN_FILES_FOLDER": str(folder)} if folder else {}
    with running(databases.make("sqlite", request.config), KANBAN_DELETED_FILE_DAYS="0", **settings) as server:
        yield server, folder


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_who_may_write_attaches_reads_and_removes_a_file(writer: Actor) -> None:
    rest, kanban = writer.rest(), writer.kanban()
    ticket = kanban.tickets.create("x", board=writer.board).id
    content = os.urandom(BIG)
    new = attached(rest, ticket, "data.bin", content)
    assert (new["name"], new["size"], new["media_type"]) == ("data.bin", BIG, "application/octet-stream")
    assert new["created_by"] == writer.name
    assert read(rest, ticket, "data.bin").content == content
    assert [file.name for file in kanban.files.all(ticket)] == ["data.bin"]
    version = kanban.tickets.get(ticket).version
    done(rest.delete(f"/api/tickets/{ticket}/files/data.bin"))
    problem(read(rest, ticket, "data.bin"), "not-found")
    assert kanban.tickets.get(ticket).version == version, "as comments, files change no version"
    names = [(event.event, event.data.get("name")) for event in kanban.boards.events(writer.board, after=0).events]
    assert names[-2:] == [("ticket_file_attached", "data.bin"), ("ticket_file_removed", "data.bin")]
    check_everything(writer.admin(), writer.board)


def test_a_viewer_reads_files_and_changes_none(viewer: Actor) -> None:
    admin, rest = viewer.admin(), viewer.rest()
    ticket = admin.tickets.create("x", board=viewer.board).id
    admin.files.attach(ticket, b"hello", name="a.txt")
    assert read(rest, ticket, "a.txt").content == b"hello"
    problem(attach(rest, ticket, "b.txt", b"no"), "not-allowed")
    problem(rest.delete(f"/api/tickets/{ticket}/files/a.txt"), "not-allowed")


def test_a_file_is_removed_by_who_attached_it_or_an_admin_of_the_board(databases: Databases, pytestconfig: Any) -> None:
    guarded = databases.guarded("sqlite", pytestconfig)
    ana, ben = guarded.person("file-ana"), guarded.person("file-ben")
    board = guarded.board(guarded.root, "Files")
    for name in ("file-ana", "file-ben"):
        guarded.member(guarded.root, board, name)
    ticket = guarded.ticket(ana, board)
    for name in ("one.txt", "two.txt"):
        attached(guarded.rest(ana), ticket, name, name.encode())
    path = f"/api/tickets/{ticket}/files"
    refused = problem(guarded.rest(ben).delete(f"{path}/one.txt"), "not-author")
    assert refused["author"] == "file-ana"
    done(guarded.rest(ana).delete(f"{path}/one.txt"))
    done(guarded.rest(guarded.root).delete(f"{path}/two.txt"))


def test_a_board_is_a_wall_for_contents_too(databases: Databases, pytestconfig: Any) -> None:
    guarded = databases.guarded("sqlite", pytestconfig)
    ana, eve = guarded.person("wall-ana"), guarded.person("wall-eve")
    hers, other = guarded.board(ana, "Hers"), guarded.board(eve, "Other")
    ticket, elsewhere = guarded.ticket(ana, hers), guarded.ticket(eve, other)
    content = os.urandom(5000)
    first = attach(guarded.rest(ana), ticket, "secret.bin", content)
    rest = guarded.rest(eve)
    for name in ("secret.bin", "no.bin", hashlib.sha256(content).hexdigest()):
        answers = {read(rest, ticket, name).json()["type"], read(rest, 999_999, name).json()["type"]}
        assert answers == {"not-found"}
    problem(attach(rest, ticket, "x.bin", content), "not-found")
    second = attach(rest, elsewhere, "secret.bin", content)
    same = {"name", "size", "media_type", "width", "height", "thumbnail"}
    assert {name: first.json()[name] for name in same} == {name: second.json()[name] for name in same}
    done(rest.delete(f"/api/tickets/{elsewhere}/files/secret.bin"))
    assert read(guarded.rest(ana), ticket, "secret.bin").content == content, "boards share no contents"


def test_equal_contents_of_a_board_are_stored_once_and_live_as_long_as_a_file_has_them(
    store: tuple[Server, Path | None],
) -> None:
    server, folder = store
    with httpx.Client(base_url=server.url) as rest:
        one, two = (int(new_ticket(rest, 1)["id"]) for _ in range(2))
        for ticket in (one, two):
            attached(rest, ticket, "same.bin", b"same" * 1000)
        if folder is not None:
            assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
        done(rest.delete(f"/api/tickets/{one}/files/same.bin"))
        assert read(rest, two, "same.bin").content == b"same" * 1000
        done(rest.delete(f"/api/tickets/{two}/files/same.bin"))
        if folder is not None:
            assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_removing_deleting_and_redacting_reach_the_bytes(store: tuple[Server, Path | None]) -> None:
    server, folder = store
    roots = [Path(server.database).parent, *([folder] if folder else [])]

    def stored(text: str) -> bool:
        files = [path for root in roots for path in root.rglob("*") if path.is_file()]
        for path in files:
            with suppress(FileNotFoundError):  # the server deletes files meanwhile
                if text.encode() in path.read_bytes():
                    return True
        return False

    with server.kanban("ada") as kanban:
        board = kanban.boards.create("Gone").id
        removed, deleted, redacted, gone = (
            kanban.tickets.create("x", board=board if at == 3 else 1).id for at in range(4)
        )
        for ticket in (removed, deleted, redacted, gone):
            kanban.files.attach(ticket, b"begin " * 50_000 + f"leak-{ticket}!".encode(), name="a.txt")
            assert stored(f"leak-{ticket}!")
        kanban.files.remove(removed, "a.txt")
        assert not stored(f"leak-{removed}!")
        assert kanban.tickets.redact(redacted, f"leak-{redacted}!").places == 1
        assert kanban.files.all(redacted) == []
        assert not stored(f"leak-{redacted}!")
        kanban.tickets.delete(deleted)
        kanban.boards.delete(board)
    server.stop()
    server.start()  # the chore runs at the start, and then every minute
    until(lambda: not stored(f"leak-{deleted}!") and not stored(f"leak-{gone}!"), within=10)
    with server.kanban("ada") as kanban:
        assert kanban.tickets.restore(deleted).files == []
        check_everything(kanban, 1)
    assert bad(doctor(server.database)) == []


def test_a_restored_ticket_has_its_files(rest: httpx.Client, board_id: int, ticket: int) -> None:
    attached(rest, ticket, "a.txt", b"kept")
    done(rest.delete(f"/api/tickets/{ticket}"))
    problem(read(rest, ticket, "a.txt"), "not-found")
    assert [file["name"] for file in done(rest.post(f"/api/tickets/{ticket}/restore"))["files"]] == ["a.txt"]
    assert read(rest, ticket, "a.txt").content == b"kept"


def test_redacting_renames_files(rest: httpx.Client, board_id: int, ticket: int) -> None:
    for name in ("hunter22.txt", "a-hunter22.txt", "b.txt"):
        attached(rest, ticket, name, name.replace("hunter22", "x").encode())
    done(rest.post(f"/api/tickets/{ticket}/redact", json={"text": "hunter22"}))
    names = [file["name"] for file in ticket_of(rest, ticket)["files"]]
    assert names == ["___.txt", "a-___.txt", "b.txt"]
    assert read(rest, ticket, "___.txt").content == b"x.txt"
    assert "hunter22" not in str(events(rest, board_id))
    assert "hunter22" not in rest.get(f"/api/history/tickets/{ticket}/history").text
    with Kanban(str(rest.base_url)) as kanban:
        check_everything(kanban, board_id)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_shown_in_place_without_its_metadata(rest: httpx.Client, ticket: int, kind: str) -> None:
    file = attached(rest, ticket, f"shot.{kind}", picture(kind, 900, 600, orientation=6 if kind == "jpeg" else 1))
    assert (file["media_type"], file["width"], file["height"], file["thumbnail"]) == (f"image/{kind}", 900, 600, True)
    response = read(rest, ticket, f"shot.{kind}")
    assert SECRET_PLACE.encode() not in response.content
    assert response.headers["content-type"] == f"image/{kind}"
    assert response.headers["content-disposition"].startswith("inline")
    thumbnail = read(rest, ticket, f"shot.{kind}", thumbnail=True)
    assert thumbnail.headers["content-type"] == "image/webp"
    assert decode(thumbnail.content).size == ((320, 480) if kind == "jpeg" else (480, 320))


@pytest.mark.parametrize(
    ("content", "media_type", "served"),
    [
        (b"<html><script>alert(1)</script>", "text/html", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml", "application/octet-stream"),
        (b"GIF89a = '<script>'", "application/octet-stream", "application/octet-stream"),
        (b"just text", "text/plain", "text/plain; charset=utf-8"),
        (b"PK\x03\x04...", "application/zip", "application/octet-stream"),
    ],
)
def test_all_else_is_only_a_download(
    rest: httpx.Client, ticket: int, content: bytes, media_type: str, served: str
) -> None:
    file = attached(rest, ticket, "picture.png", content, **{"Content-Type": "image/png"})
    assert file["media_type"] == media_type
    response = read(rest, ticket, "picture.png")
    assert response.content == content
    headers = response.headers
    assert (headers["content-type"], headers["x-content-type-options"]) == (served, "nosniff")
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_reader_keeps_a_content_and_asks_whether_it_may(rest: httpx.Client, ticket: int) -> None:
    attached(rest, ticket, "a.txt", b"hello")
    first = read(rest, ticket, "a.txt")
    assert first.headers["cache-control"] == "private, no-cache"
    again = rest.get(f"/api/tickets/{ticket}/files/a.txt", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    done(rest.delete(f"/api/tickets/{ticket}/files/a.txt"))
    gone = rest.get(f"/api/tickets/{ticket}/files/a.txt", headers={"If-None-Match": first.headers["etag"]})
    problem(gone, "not-found")


def test_a_name_that_is_not_safe_or_taken_is_changed_and_the_answer_says_so(rest: httpx.Client, ticket: int) -> None:
    safe = attached(rest, ticket, "../../etc/\u202epasswd.txt", b"1")
    assert (safe["name"], [one["type"] for one in safe["warnings"]]) == ("passwd.txt", ["file-renamed"])
    renamed = attached(rest, ticket, "PASSWD.txt", b"2")
    assert (renamed["name"], renamed["warnings"][0]["name"]) == ("PASSWD-2.txt", "PASSWD-2.txt")
    before = ticket_of(rest, ticket)
    assert attached(rest, ticket, "passwd.txt", b"1")["name"] == "passwd.txt"
    assert ticket_of(rest, ticket) == before, "the same file again changes nothing"
    odd = attached(rest, ticket, 'ü %41#?&"+.txt', b"3")
    with Kanban(str(rest.base_url)) as kanban:
        assert kanban.files.read(ticket, odd["name"]) == b"3"
    problem(attach(rest, ticket, "x" * 1001, b"4"), "invalid-request")
    problem(attach(rest, ticket, "", b"4"), "invalid-request")
    problem(attach(rest, ticket, "empty.txt", b""), "invalid-request")


def test_a_retry_attaches_once(rest: httpx.Client, board_id: int, ticket: int) -> None:
    key = {"Idempotency-Key": f"files-{board_id}"}
    first = attach(rest, ticket, "a.bin", b"x" * 5000, **key)
    replay = attach(rest, ticket, "a.bin", b"x" * 5000, **key)
    assert (replay.json(), replay.headers["idempotent-replayed"]) == (first.json(), "true")
    problem(attach(rest, ticket, "a.bin", b"y" * 5000, **key), "idempotency-mismatch")
    assert len(ticket_of(rest, ticket)["files"]) == 1
    assert [event["event"] for event in events(rest, board_id)].count("ticket_file_attached") == 1


def test_a_file_renews_the_holders_lease_and_needs_no_claim(rest: httpx.Client, ticket: int) -> None:
    claimed = done(rest.post(f"/api/tickets/{ticket}/claim", json={"claimed_by": "ada", "lease_seconds": 100}))
    attached(rest, ticket, "b.txt", b"1", **{"X-Kanban-User": "bob"})
    stale = attach(rest, ticket, "c.txt", b"1", **{"X-Kanban-User": "ada", "Kanban-Lease": f"{ticket}.999999999"})
    problem(stale, "lease-lost")
    attached(rest, ticket, "a.txt", b"1", **{"X-Kanban-User": "ada", "Kanban-Lease": claimed["lease"]["token"]})


def test_nobody_outside_may_attach_to_an_archived_ticket(rest: httpx.Client, board_id: int, ticket: int) -> None:
    attached(rest, ticket, "a.txt", b"kept")
    done(rest.post(f"/api/tickets/{ticket}/move", json={"column": "Done"}))
    done(rest.post(f"/api/boards/{board_id}/archive", json={"days": 0}))
    problem(attach(rest, ticket, "b.txt", b"late"), "archived")
    assert read(rest, ticket, "a.txt").content == b"kept"


def test_history_tells_of_files(rest: httpx.Client, ticket: int) -> None:
    attached(rest, ticket, "a.txt", b"1", **{"X-Kanban-User": "ada"})
    done(rest.delete(f"/api/tickets/{ticket}/files/a.txt", headers={"X-Kanban-User": "ada"}))
    history = done(rest.get(f"/api/history/tickets/{ticket}/history"))
    changes = [(one["field_name"], one["old_value"], one["new_value"], one["changed_by"]) for one in history[:2]]
    assert changes == [("file", "a.txt", None, "ada"), ("file", None, "a.txt", "ada")]


def test_a_page_of_another_origin_reads_no_file(guarded_files: tuple[Guarded, int]) -> None:
    guarded, ticket = guarded_files
    response = guarded.rest(guarded.root).get(
        f"/api/tickets/{ticket}/files/a.txt", headers={"Origin": "https://x.example"}
    )
    problem(response, "origin-refused")
    assert guarded.rest(None).get(f"/api/tickets/{ticket}/files/a.txt").status_code == 401


@pytest.fixture
def guarded_files(databases: Databases, pytestconfig: pytest.Config) -> tuple[Guarded, int]:
    guarded = databases.guarded("sqlite", pytestconfig)
    ticket = guarded.ticket(guarded.root, guarded.board(guarded.root, "Origin"))
    attached(guarded.rest(guarded.root), ticket, "a.txt", b"hello")
    return guarded, ticket
