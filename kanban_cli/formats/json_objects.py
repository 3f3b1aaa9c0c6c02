"""JSON objects: one per line, concatenated, or in a list; each with the line on which it begins."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from kanban_cli.formats.conversion import ParsedTicket, ParseError

ObjectReader = Callable[[dict[str, Any]], dict[str, Any]]
"""Converts an object to a ticket. Raises ValueError if it is none."""

_BLANK = " \t\r\n"


def parse_lines(file: str, data: bytes, read: ObjectReader) -> Iterator[ParsedTicket]:
    """Parse one object per line as tickets. Raises ParseError."""
    for number, line in enumerate(decode_text(file, data).split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ParseError(file, number, str(error)[:200]) from error
            yield _parse_object(file, number, value, read)


def parse_objects(file: str, data: bytes, read: ObjectReader) -> Iterator[ParsedTicket]:
    """Parse a list of objects, or concatenated objects, as tickets. Raises ParseError."""
    text = decode_text(file, data)
    decoder = json.JSONDecoder()
    position = _skip_blanks(text, 0)
    is_list = text[position : position + 1] == "["
    position = _skip_blanks(text, position + 1) if is_list else position
    if is_list and text[position : position + 1] == "]":
        return
    line, counted_to = 1, 0
    while position < len(text):
        line, counted_to = line + text.count("\n", counted_to, position), position
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise ParseError(file, getattr(error, "lineno", line), getattr(error, "msg", str(error))) from error
        yield _parse_object(file, line, value, read)
        position = _skip_blanks(text, position)
        if is_list:
            separator, position = text[position : position + 1], _skip_blanks(text, position + 1)
            if separator == "]" and position >= len(text):
                return
            if separator != "," or position >= len(text):
                raise ParseError(
                    file, text.count("\n", 0, position) + 1, "the list does not go on, or end, as it should"
                )
    if is_list:
        raise ParseError(file, line, "the list does not end")


def decode_text(file: str, data: bytes) -> str:
    """Decode a file's text. Raises ParseError if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParseError(file, line, f"it is not UTF-8: {error.reason}") from error


def _parse_object(file: str, line: int, value: Any, read: ObjectReader) -> ParsedTicket:
    try:
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")
        return ParsedTicket.of(file, line, read(value))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ParseError(file, line, str(error)[:200] or type(error).__name__) from error


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANK:
        position += 1
    return position
