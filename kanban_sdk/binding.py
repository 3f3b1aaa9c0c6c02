"""Operations as methods of clients: one definition in `calls` is bound once to block, and once to be awaited."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, BinaryIO, Generic, ParamSpec, Protocol, TypeVar

from kanban_sdk.calls.call import Call

P = ParamSpec("P")
T = TypeVar("T")


class CallSender(Protocol):
    """Sends calls, and blocks."""

    def send(self, call: Call[T]) -> T:
        """Send the call and wait for its response."""


class AsyncCallSender(Protocol):
    """Sends calls asynchronously."""

    async def send(self, call: Call[T]) -> T:
        """Send the call and await its response."""


class FileSaver(CallSender, Protocol):
    """Sends calls, and saves files."""

    def save(self, call: Call[bytes], target: BinaryIO) -> None:
        """Send the call, and write its response to a file as it arrives."""


class AsyncFileSaver(AsyncCallSender, Protocol):
    """Sends calls and saves files asynchronously."""

    async def save(self, call: Call[bytes], target: BinaryIO) -> None:
        """Send the call, and write its response to a file as it arrives."""


class Resource:
    """The operations on one kind of object, on a blocking client."""

    def __init__(self, client: CallSender) -> None:
        self._client = client


class AsyncResource:
    """The operations on one kind of object, on an async client."""

    def __init__(self, client: AsyncCallSender) -> None:
        self._client = client


class blocking(Generic[P, T]):  # noqa: N801 - it reads like a decorator
    """An operation as a blocking method."""

    def __init__(self, make: Callable[P, Call[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, resource: Resource | None, owner: type[object]) -> Callable[P, T]:
        make = self._make

        @wraps(make)
        def send(*arguments: P.args, **keywords: P.kwargs) -> T:
            assert resource is not None
            return resource._client.send(make(*arguments, **keywords))

        return send


class awaited(Generic[P, T]):  # noqa: N801 - it reads like a decorator
    """An operation as an async method."""

    def __init__(self, make: Callable[P, Call[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, resource: AsyncResource | None, owner: type[object]) -> Callable[P, Coroutine[Any, Any, T]]:
        make = self._make

        @wraps(make)
        async def send(*arguments: P.args, **keywords: P.kwargs) -> T:
            assert resource is not None
            return await resource._client.send(make(*arguments, **keywords))

        return send
