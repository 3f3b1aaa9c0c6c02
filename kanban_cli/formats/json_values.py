"""JSON: objects one per line, concatenated, or in a list, each with its line; and safe access to their values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from kanban_cli.formats.source import Source

JsonObject = Mapping[str, object]
_BLANK = " \t\r\n"


def read_lines(source: Source) -> Iterator[tuple[int, JsonObject]]:
    """Yield one object per line, with its line. Raises ParseError."""
    for number, line in enumerate(source.lines(), 1):
        if line.strip():
            try:
                value: object = json.loads(line)
            except RecursionError as error:
                raise source.error(number, "its lists and objects are nested too deep") from error
            except ValueError as error:
                raise source.error(number, str(error)[:200]) from error
            yield number, _require_object(source, number, value)


def read_objects(source: Source) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects of a list, or concatenated objects, with the line of each. Raises ParseError."""
    text = source.text
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
        except RecursionError as error:
            raise source.error(line, "its lists and objects are nested too deep") from error
        except json.JSONDecodeError as error:
            raise source.error(error.lineno, error.msg) from error
        except ValueError as error:
            raise source.error(line, str(error)[:200]) from error
        yield line, _require_object(source, line, value)
        position = _skip_blanks(text, position)
        if is_list:
            separator, position = text[position : position + 1], _skip_blanks(text, position + 1)
            if separator == "]" and position >= len(text):
                return
            if separator != "," or position >= len(text):
                raise source.error(text.count("\n", 0, position) + 1, "the list does not go on, or end, as it should")
    if is_list:
        raise source.error(line, "the list does not end")


def _require_object(source: Source, line: int, value: object) -> JsonObject:
    if not isinstance(value, dict):
        raise source.error(line, "it is no JSON object")
    return value


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANK:
        position += 1
    return position


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def object_of(value: object) -> JsonObject:
    """Return a JSON object; an empty one for any other value."""
    return value if is_object(value) else {}


def list_of(value: object) -> Sequence[object]:
    """Return a JSON list; an empty one for any other value."""
    return value if isinstance(value, list) else []


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a list."""
    return [item for item in list_of(value) if is_object(item)]


def text(value: object) -> str | None:
    """Return a text with more than blanks; None for any other value."""
    return value if isinstance(value, str) and value.strip() else None


def texts(value: object) -> list[str]:
    """Return the texts in a list that have more than blanks."""
    return [item for item in list_of(value) if isinstance(item, str) and item.strip()]


def name_of(value: object, *fields: str) -> str | None:
    """Return the first text among the fields of an object, or the value itself if it is a text."""
    if isinstance(value, str):
        return text(value)
    return next(filter(None, (text(object_of(value).get(field)) for field in fields)), None)


def without(values: JsonObject, names: frozenset[str]) -> dict[str, object]:
    """Return the fields of an object that are not among these names, as the rest that `extra` keeps."""
    return {name: value for name, value in values.items() if name not in names}
