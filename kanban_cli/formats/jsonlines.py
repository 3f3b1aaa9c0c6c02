"""JSON objects: one a line, one after the other, or in one list; each with the line on which it begins."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from kanban_cli.formats.parts import Found, Unreadable

Read = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes a ticket of an object. Raises ValueError where it is none."""

_BLANK = " \t\r\n"


def lines(file: str, data: bytes, read: Read) -> Iterator[Found]:
    """Each line's object as a ticket. Raises Unreadable."""
    for number, line in enumerate(decoded(file, data).split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Unreadable(file, number, str(error)[:200]) from error
            yield _found(file, number, value, read)


def objects(file: str, data: bytes, read: Read) -> Iterator[Found]:
    """Each object, of one list or one after the other, as a ticket. Raises Unreadable."""
    text = decoded(file, data)
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    listed = text[at : at + 1] == "["
    at = _skip(text, at + 1) if listed else at
    if listed and text[at : at + 1] == "]":
        return
    line, counted = 1, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise Unreadable(file, getattr(error, "lineno", line), getattr(error, "msg", str(error))) from error
        yield _found(file, line, value, read)
        at = _skip(text, at)
        if listed:
            ended, at = text[at : at + 1], _skip(text, at + 1)
            if ended == "]" and at >= len(text):
                return
            if ended != "," or at >= len(text):
                raise Unreadable(file, text.count("\n", 0, at) + 1, "the list does not go on, or end, as it should")
    if listed:
        raise Unreadable(file, line, "the list does not end")


def decoded(file: str, data: bytes) -> str:
    """The text of a file. Raises Unreadable where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(file, line, f"it is not UTF-8: {error.reason}") from error


def _found(file: str, line: int, value: Any, read: Read) -> Found:
    try:
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")
        return Found.of(file, line, read(value))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(file, line, str(error)[:200] or type(error).__name__) from error


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at
