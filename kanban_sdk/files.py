"""Files on tickets, as methods of both clients."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

import httpx

from kanban_sdk.binding import AsyncFileSaver, AsyncResource, FileSaver, Resource, awaited, blocking
from kanban_sdk.calls import files
from kanban_sdk.calls.call import Call
from kanban_sdk.pipeline import RequestPipeline, delay_after_refusal

T = TypeVar("T")


class Files(Resource):
    """Files on tickets."""

    _client: FileSaver

    def __init__(self, client: FileSaver) -> None:
        super().__init__(client)

    all = blocking(files.all)
    attach = blocking(files.attach)
    read = blocking(files.read)
    remove = blocking(files.remove)

    def download(
        self, ticket: int, name: str, target: str | os.PathLike[str], *, thumbnail: bool = False, force: bool = False
    ) -> Path:
        """Write a file of a ticket to a path, part by part. The path has all of it in the end, or nothing.

        Raises NotFound; FileExistsError, unless `force`; OSError.

        >>> kanban.files.download(42, "log.txt", "log.txt")
        """
        path = Path(target)
        with _partial(path, force=force) as part, part.open("w+b") as opened:
            self._client.save(files.read(ticket, name, thumbnail=thumbnail), opened)
        return path


class AsyncFiles(AsyncResource):
    """Files on tickets."""

    _client: AsyncFileSaver

    def __init__(self, client: AsyncFileSaver) -> None:
        super().__init__(client)

    all = awaited(files.all)
    attach = awaited(files.attach)
    read = awaited(files.read)
    remove = awaited(files.remove)

    async def download(
        self, ticket: int, name: str, target: str | os.PathLike[str], *, thumbnail: bool = False, force: bool = False
    ) -> Path:
        """Write a file of a ticket to a path, part by part. The path has all of it in the end, or nothing.

        Raises NotFound; FileExistsError, unless `force`; OSError.
        """
        path = Path(target)
        with _partial(path, force=force) as part, part.open("w+b") as opened:
            await self._client.save(files.read(ticket, name, thumbnail=thumbnail), opened)
        return path


class _partial:  # noqa: N801 - it reads like a function
    """A new file beside a path, which takes its name if the block ends without an exception."""

    def __init__(self, path: Path, *, force: bool) -> None:
        if not force and path.exists():
            raise FileExistsError(17, "File exists", str(path))
        self._path, self._force = path, force
        self._part = path.with_name(f".{os.urandom(8).hex()}.part")

    def __enter__(self) -> Path:
        return self._part

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None and self._force:
                self._part.replace(self._path)
            elif error is None:
                os.link(self._part, self._path)  # unlike a rename, this fails where the path was made meanwhile
        finally:
            self._part.unlink(missing_ok=True)


class FileMethods(RequestPipeline):
    """What a blocking client does with files."""

    _http: httpx.Client

    def send(self, call: Call[T]) -> T:
        """Send a call, and wait for its response."""
        raise NotImplementedError

    @cached_property
    def files(self) -> Files:
        """Files on tickets."""
        return Files(self)

    def save(self, call: Call[bytes], target: BinaryIO) -> None:
        """Send a call, and write its response to a file as it arrives. Raises Refused, Unreachable, OSError."""
        request, tries = self._request(call, self.policy), self._tries(self.policy)
        while True:
            target.seek(0)
            target.truncate()
            try:
                with self._http.stream(**request) as response:
                    if response.status_code < 400:
                        for part in response.iter_bytes():
                            target.write(part)
                        return
                    response.read()
            except httpx.RequestError as error:
                delay = tries.delay_after_error(error)
            else:
                delay = delay_after_refusal(tries, response)
            time.sleep(delay)


class AsyncFileMethods(RequestPipeline):
    """What an async client does with files."""

    _http: httpx.AsyncClient

    async def send(self, call: Call[T]) -> T:
        """Send a call, and await its response."""
        raise NotImplementedError

    @cached_property
    def files(self) -> AsyncFiles:
        """Files on tickets."""
        return AsyncFiles(self)

    async def save(self, call: Call[bytes], target: BinaryIO) -> None:
        """Send a call, and write its response to a file as it arrives. Raises Refused, Unreachable, OSError."""
        request, tries = self._request(call, self.policy), self._tries(self.policy)
        while True:
            target.seek(0)
            target.truncate()
            try:
                async with self._http.stream(**request) as response:
                    if response.status_code < 400:
                        async for part in response.aiter_bytes():
                            await asyncio.to_thread(target.write, part)
                        return
                    await response.aread()
            except httpx.RequestError as error:
                delay = tries.delay_after_error(error)
            else:
                delay = delay_after_refusal(tries, response)
            await asyncio.sleep(delay)


def body_of(call: Call[T]) -> bytes | Iterator[bytes]:
    """The body of a call, as httpx sends it: new for each try."""
    return call.content() if call.file is None else call.parts()


def async_body_of(call: Call[T]) -> bytes | AsyncIterator[bytes]:
    """The body of a call, as httpx sends it asynchronously: new for each try."""
    return call.content() if call.file is None else _read_in_thread(call)


async def _read_in_thread(call: Call[T]) -> AsyncIterator[bytes]:
    parts = call.parts()
    try:
        while part := await asyncio.to_thread(next, parts, b""):
            yield part
    finally:
        parts.close()
