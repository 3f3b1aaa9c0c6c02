"""Reading image files piece by piece, so that memory does not grow with them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

COPY_BYTES = 64 * 1024


class Source(Protocol):
    """A file that is read."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Continue at a position."""


class Target(Protocol):
    """A file that is written."""

    def write(self, data: bytes, /) -> object:
        """Write."""


class MalformedImage(ValueError):
    """The file is no whole image of its format."""


class Size(NamedTuple):
    """The size of a picture in pixels."""

    width: int
    height: int


def read_exactly(source: Source, size: int) -> bytes:
    """The next bytes. Raises MalformedImage where the file ends before."""
    data = source.read(size)
    if len(data) < size:
        raise MalformedImage("the file ends early")
    return data


def copy(source: Source, target: Target | None, size: int) -> None:
    """Copy the next bytes, or skip them without a target. Raises MalformedImage where the file ends before."""
    while size:
        data = read_exactly(source, min(size, COPY_BYTES))
        if target is not None:
            target.write(data)
        size -= len(data)
