"""HTTPS: the machine's trusted certificates are used by every transport."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from kanban_sdk import Board, Kanban, Unreachable
from kanban_sdk.calls import boards
from kanban_sdk.transport.blocking import BlockingTransport
from tests.sdk.conftest import Connect
from tests.support.servers import Server, free_port


class Secured(NamedTuple):
    """A server behind TLS, and the file with the certificate of its authority."""

    url: str
    authority: Path


@pytest.fixture
def secured(server: Server, tmp_path: Path) -> Iterator[Secured]:
    """The shared server behind TLS, under an authority of its own."""
    key, authority = tmp_path / "key", tmp_path / "authority"
    subject = ["-subj", "/CN=a company", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", authority], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, key)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer), return_exceptions=True)

    port, stop = free_port(), threading.Event()

    async def serve() -> None:
        await asyncio.start_server(accept, "127.0.0.1", port, ssl=context)
        is_serving.set()
        await asyncio.to_thread(stop.wait)

    is_serving = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_serving.wait(10)
    yield Secured(f"https://127.0.0.1:{port}", authority)
    stop.set()
    thread.join()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until the end of the stream."""
    with closing(writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


def test_an_authority_that_the_machine_trusts_is_trusted_by_every_transport(
    connect: Connect, secured: Secured, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.authority))
    client = connect(secured.url)
    assert client.boards.get(board.id) == board
    watch = client.watch(board.id, after=0)
    assert watch.next(20).seq == 1
    watch.close()
    assert BlockingTransport(secured.url, {}).send(boards.get(board.id)) == board


def test_an_unknown_authority_is_refused(secured: Secured, board: Board) -> None:
    with Kanban(secured.url, tries=1) as client, pytest.raises(Unreachable, match="certificate verify failed"):
        client.boards.get(board.id)
