"""A board's events are posted: signed, in order, each at least once, and never into a network that is not for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kanban_sdk import Kanban
from kanban_server.rules.problems import Refusal
from kanban_server.rules.webhooks import AddressNotAllowed, check_url
from kanban_server.webhooks.http_client import WebhookClient
from tests.faults.test_backup import verb
from tests.server.rest import problem
from tests.support.cli import ROOT, Shell
from tests.support.databases import Databases
from tests.support.receiver import Receiver, receiving
from tests.support.servers import Server, running
from tests.support.waiting import until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def posting(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server that may post to this machine, and does not wait long."""
    quick = {"KANBAN_WEBHOOK_WAIT_SECONDS": "0.1", "KANBAN_WEBHOOK_PATIENCE_SECONDS": "3600"}
    with running(databases.make("sqlite", pytestconfig), KANBAN_WEBHOOK_PRIVATE="true", **quick) as server:
        yield server


@pytest.fixture
def ada(posting: Server) -> Iterator[Kanban]:
    with posting.kanban("ada") as kanban:
        yield kanban


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("http://127.0.0.1:9/größe/%41?wer=ünal&b=1/2", "http://127.0.0.1:9/gr%C3%B6%C3%9Fe/%41?wer=%C3%BCnal&b=1/2"),
        ("http://127.0.0.1:9/h?a=%C3%BC&b=~x", "http://127.0.0.1:9/h?a=%C3%BC&b=~x"),
    ],
)
def test_an_address_that_is_not_ascii_is_encoded(posting: Server, ada: Kanban, address: str, stored: str) -> None:
    board = ada.boards.create("Encoded").id
    assert ada.webhooks.add(board, address).url == stored
    assert ada.webhooks.add(board, stored).url == stored
    assert len(ada.webhooks.all(board)) == 1


def test_a_host_that_is_not_ascii_goes_by_its_idna_name() -> None:
    assert check_url("https://Straße.example:8443/ä#x".partition("#")[0]) == "https://xn--strae-oqa.example:8443/%C3%A4"
    assert check_url("https://例え.テスト/") == "https://xn--r8jz45g.xn--zckzah/"
    for text in ("https://a\u202eb.example/", "https://ü@b.example/", "https://b.example/\ud800", "https://-ü-/"):
        with pytest.raises(Refusal):
            check_url(text)


def test_events_are_posted_to_a_path_that_is_not_ascii(ada: Kanban, receiver: Receiver) -> None:
    board = ada.boards.create("Posted").id
    ada.webhooks.add(board, f"{receiver.url}/größe")
    ada.tickets.create("One", board=board)
    until(lambda: receiver.accepted, what="a delivery")
    assert receiver.accepted[0].path == "/hook/gr%C3%B6%C3%9Fe"


def documented() -> Callable[[str, dict[str, str], bytes], bool]:
    """The recipe of docs/webhooks.md, as it stands there."""
    text = (ROOT / "docs" / "webhooks.md").read_text()
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    recipe: Callable[[str, dict[str, str], bytes], bool] = names["genuine"]
    return recipe


def test_events_are_posted_signed_and_in_order_and_a_failed_one_is_posted_again(
    posting: Server, ada: Kanban, receiver: Receiver, tmp_path: Path
) -> None:
    board = ada.boards.create("Posted").id
    shell = Shell(tmp_path, {"KANBAN_URL": posting.url, "KANBAN_BOARD": str(board)})
    added = shell.ok("board", "webhook", "add", receiver.url, "--json").json
    tickets = [ada.tickets.create(f"t{number}", board=board).id for number in range(5)]
    until(lambda: len(receiver.accepted) == 5, what="five deliveries")
    receiver.status = 302
    ada.tickets.move_many(tickets, "Done")
    until(lambda: len(receiver.all) >= 7, what="a second try")
    (failing,) = ada.webhooks.all(board)
    assert failing.failing_since
    assert failing.problem == "it answered 302"
    receiver.status = 200
    until(lambda: len(receiver.accepted) == 10, what="the rest")
    assert receiver.seqs() == list(range(2, 12))
    genuine = documented()
    assert all(genuine(added["secret"], delivery.headers, delivery.body) for delivery in receiver.all)
    assert not genuine(added["secret"], receiver.all[0].headers, receiver.all[1].body)
    tries = [delivery.headers["webhook-id"] for delivery in receiver.all if delivery.event["seq"] == 7]
    assert len(tries) > 1
    assert len(set(tries)) == 1, "a repeat must be known as one"
    assert {delivery.path for delivery in receiver.all} == {"/hook"}, "a redirect was followed"
    listed = until(lambda: [row for row in shell.ok("board", "webhook", "list").rows if "well" in row])
    assert (listed[0][0], listed[0][2]) == (str(added["id"]), ada.boards.snapshot(board).cursor)
    assert added["secret"] not in shell.ok("board", "webhook", "list", "--json").out
    shell.ok("board", "webhook", "remove", added["id"])
    assert ada.webhooks.all(board) == []


def test_a_webhook_is_told_only_the_events_that_it_names_from_where_it_begins(ada: Kanban, receiver: Receiver) -> None:
    board = ada.boards.create("Some").id
    first = ada.tickets.create("one", board=board)
    ada.tickets.move(first.id, "Done")
    ada.webhooks.add(board, receiver.url, events=["ticket_moved", "comment_added"], after="0")
    ada.comments.add(first.id, "said")
    ada.tickets.edit(first.id, title="1")
    ada.tickets.move(first.id, "Blocked")
    until(lambda: len(receiver.accepted) == 3, what="three deliveries")
    names = [delivery.event["event"] for delivery in receiver.accepted]
    assert names == ["ticket_moved", "comment_added", "ticket_moved"]


def test_a_webhook_that_is_sent_back_during_a_delivery_begins_there(ada: Kanban, receiver: Receiver) -> None:
    board = ada.boards.create("Sent back").id
    receiver.open.clear()
    ada.webhooks.add(board, receiver.url)
    ada.tickets.create("one", board=board)
    until(lambda: receiver.all, what="a delivery")
    ada.webhooks.add(board, receiver.url, after="0")
    receiver.open.set()
    until(lambda: receiver.seqs() == [2, 1, 2], what="the log from its beginning")


@pytest.mark.slow
def test_deliveries_go_on_where_they_stood_when_the_server_is_killed(
    databases: Databases, pytestconfig: pytest.Config, receiver: Receiver
) -> None:
    quick = {"KANBAN_WEBHOOK_WAIT_SECONDS": "0.1", "KANBAN_WEBHOOK_PATIENCE_SECONDS": "0.3"}
    with running(databases.make("sqlite", pytestconfig), KANBAN_WEBHOOK_PRIVATE="true", **quick) as server:
        with server.kanban("ada") as kanban:
            kanban.webhooks.add(1, receiver.url)
            receiver.status = 503
            created = [kanban.tickets.create(f"t{number}", board=1).id for number in range(5)]
            until(lambda: receiver.all, what="a try")
            server.kill()
            receiver.status = 200
            server.start()
            until(lambda: len(receiver.accepted) >= 5, what="all deliveries")
            assert receiver.seqs() == [2, 3, 4, 5, 6]

            receiver.status = 500
            kanban.tickets.move_many(created, "Done")
            disabled = until(lambda: [hook for hook in kanban.webhooks.all(1) if hook.disabled_at], what="the notice")
            assert "is disabled: it has failed since" in server.log_text()
            assert receiver.url not in server.log_text()
            verb("trim", "--database", server.database, "-b", 1, "--keep", "0s")
            receiver.status = 200
            second = kanban.webhooks.add(1, receiver.url)
            assert (second.id, second.cursor, second.disabled_at) == (disabled[0].id, disabled[0].cursor, None)
            kanban.tickets.create("behind", board=1)
            until(lambda: len(receiver.accepted) >= 7, what="what follows the trim")
            trimmed, behind = [delivery.event for delivery in receiver.accepted[5:]]
            assert (trimmed["event"], trimmed["data"]["floor"]) == ("resync", 11)
            assert behind["seq"] == 12

        del server.environment["KANBAN_WEBHOOK_PRIVATE"]
        server.stop()
        server.start()
        with server.kanban("ada") as kanban:
            kanban.tickets.create("not for the inside", board=1)
            (hook,) = until(lambda: [hook for hook in kanban.webhooks.all(1) if hook.problem], what="a refusal")
            assert hook.problem == "127.0.0.1 is 127.0.0.1, which is not of the public network"
            assert len(receiver.accepted) == 7


PRIVATE = [
    "http://127.0.0.1/", "http://localhost:8000/x", "http://[::1]/", "http://10.1.2.3/", "http://192.168.0.1/",
    "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://0.0.0.0/",
    "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/",
    "http://[fd00::1]/", "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://224.0.0.1/",
    "http://255.255.255.255/", "http://0/", "http://168.63.129.16/machine?comp=goalstate", "http://192.0.0.9/",
    "http://192.0.0.192/", "http://192.88.99.1/", "http://[fec0::1]/", "http://[feff::1]/", "http://[3fff::1]/",
    "http://[3fff:fff:ffff::1]/", "http://[::ffff:168.63.129.16]/", "http://[64:ff9b::a83f:8110]/",
    "http://[2002:a83f:8110::1]/", "http://[::ffff:192.0.0.10]/", "http://[64:ff9b::c058:6301]/",
    "http://[2002:c058:6301::1]/", "http://[::7f00:1]/", "http://[64:ff9b:1::a9fe:a9fe]/", "http://[2001:0:7f00:1::1]/",
]  # fmt: skip
NONE = [
    "ftp://93.184.216.34/", "file:///etc/passwd", "http:///x", "http://user:pass@93.184.216.34/", "http://1.2.3.4:x/",
    "gopher://93.184.216.34/", "93.184.216.34", "", "http://93.184.216.34/#x", "http://[::1/", "http://a..b/",
]  # fmt: skip
SECRETS = ["short", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", f"whsec_{'A' * 200}", f"whsec_{'é' * 32}"]


def test_what_is_no_address_of_the_public_network_and_what_is_no_secret_is_refused(
    rest: httpx.Client, board_id: int
) -> None:
    path = f"/api/boards/{board_id}/webhooks"
    for url in PRIVATE + NONE:
        problem(rest.post(path, json={"url": url}), "webhook-refused")
    for secret in SECRETS:
        problem(rest.post(path, json={"url": "http://93.184.216.34/", "secret": secret}), "webhook-refused")
    problem(rest.post(path, json={"url": "http://93.184.216.34/", "events": ["heartbeat"]}), "webhook-refused")
    assert rest.get(path).json() == []


PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "168.63.129.17", "192.0.1.1"]


class Names:
    """What a name stands for, each time that it is asked for. It takes the place of the system's own resolver."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *responses: list[str]) -> None:
        self._answers = list(responses)
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str | bytes | None, port: int, *more: Any, **named: Any) -> Any:
        if host not in {"hook.example", b"hook.example"}:
            return self._real(host, port, *more, **named)
        return [entry for address in self._answers.pop(0) for entry in self._real(address, port, *more, **named)]


@pytest.mark.parametrize("hidden", ["127.0.0.1", "169.254.169.254", "fec0::1", "::ffff:10.0.0.1"])
def test_a_name_that_stands_for_a_private_address_too_is_refused_wherever_that_is_told(
    monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    for address in PUBLIC:
        Names(monkeypatch, [address])
        asyncio.run(WebhookClient(private=False).check("http://hook.example/x"))
    for addresses in ([PUBLIC[0], hidden], [hidden, PUBLIC[0]], [*PUBLIC, hidden], [hidden]):
        Names(monkeypatch, addresses, addresses)
        with pytest.raises(AddressNotAllowed, match="not of the public network"):
            asyncio.run(WebhookClient(private=False).check("http://hook.example/x"))
        with pytest.raises(AddressNotAllowed, match="not of the public network"):
            asyncio.run(WebhookClient(private=False).post("http://hook.example/x", {}, b"{}"))


def test_a_delivery_goes_to_the_address_that_was_judged_whatever_the_name_stands_for_a_moment_later(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    names = Names(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
    headers: dict[bytes | str, bytes | str] = {"content-type": "application/json"}
    status = asyncio.run(WebhookClient(private=True).post(f"http://hook.example:{port}/hook", headers, b"{}"))
    assert (status, [delivery.headers["host"] for delivery in receiver.all]) == (204, [f"hook.example:{port}"])
    assert names._answers == [["192.0.2.1"]], "the name was asked for again"


@pytest.mark.slow
@pytest.mark.postgres
def test_two_instances_deliver_each_event_once(
    databases: Databases, pytestconfig: pytest.Config, receiver: Receiver
) -> None:
    database = databases.make("postgresql", pytestconfig)
    with (
        running(database, KANBAN_WEBHOOK_PRIVATE="true") as one,
        running(database, KANBAN_WEBHOOK_PRIVATE="true") as two,
        one.kanban("ada") as ada,
        two.kanban("bob") as bob,
    ):
        ada.webhooks.add(1, receiver.url)
        for number in range(50):
            for kanban in (ada, bob):
                kanban.tickets.create(f"{number}", board=1)
        until(lambda: len(receiver.accepted) >= 100, within=60, what="all deliveries")
        assert receiver.seqs() == list(range(2, 102))
