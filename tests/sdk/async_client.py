"""`AsyncKanban` as a blocking client, so that one test covers both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from kanban_sdk import AsyncClaimContext, AsyncKanban, AsyncMirror, AsyncWatch, Kanban, TimedOut
from kanban_sdk.binding import AsyncResource


class Awaited:
    """An object of `AsyncKanban` whose results are awaited on the runner."""

    def __init__(self, thing: Any, runner: asyncio.Runner) -> None:
        self._thing = thing
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._thing, name)
        if not callable(value):
            return self._result(value)
        return lambda *arguments, **named: self._result(value(*arguments, **named))

    def __iter__(self) -> Awaited:
        return self

    def __next__(self) -> Any:
        return self.next()

    def next(self, timeout: float | None = None) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(timeout):
                return await anext(self._thing)

        try:
            return self._runner.run(bounded())
        except StopAsyncIteration:
            raise StopIteration from None
        except TimeoutError:
            raise TimedOut("no event in time") from None

    def __enter__(self) -> Any:
        return self._runner.run(self._thing.__aenter__())

    def __exit__(self, *error: Any) -> None:
        self._runner.run(self._thing.__aexit__(*error))

    def _result(self, value: Any) -> Any:
        if inspect.isasyncgen(value):
            return Awaited(value, self._runner)
        if inspect.iscoroutine(value):
            value = self._runner.run(value)
        awaitable = isinstance(value, AsyncResource | AsyncWatch | AsyncMirror | AsyncClaimContext)
        return Awaited(value, self._runner) if awaitable else value


@contextmanager
def awaited(url: str, user: str | None, **options: Any) -> Iterator[Kanban]:
    """An `AsyncKanban` with the interface of `Kanban`."""
    with asyncio.Runner() as runner:
        client = AsyncKanban(url, user, **options)
        try:
            yield cast("Kanban", Awaited(client, runner))
        finally:
            runner.run(client.close())
