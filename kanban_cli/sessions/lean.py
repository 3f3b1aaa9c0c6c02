"""JSON, SHA-256 and TOML for `kanban hook`, without the modules that take longer to load than a hook may take.

`json` loads `re`, `hashlib` loads OpenSSL, and `tomllib` loads `re` and `datetime`: together most of the 25 ms that a
hook may take. This uses the parts of CPython under them, and the modules themselves wherever these parts are missing or
not enough. The results are the same; tests compare them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE = " \t\r\n"


def loads(text: str) -> object:
    """Parse JSON. Raises ValueError."""
    scan = _scanner()
    if scan is None:
        import json

        return json.loads(text)
    start = len(text) - len(text.lstrip(_SPACE))
    try:
        value, end = scan(text, start)
    except StopIteration as error:
        raise ValueError(f"no JSON value at character {error.value}") from None
    if text[end:].strip(_SPACE):
        raise ValueError(f"more after the JSON value at character {end}")
    return value


def dumps(value: object) -> str:
    """Encode as JSON in ASCII, as `json.dumps` does. Raises TypeError for what is no JSON."""
    if isinstance(value, str):
        return _encode_text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value - value != 0:
            raise TypeError(f"{value} has no JSON form")
        return float.__repr__(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(dumps, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_encode_text(str(key))}: {dumps(one)}' for key, one in value.items())}}}"
    raise TypeError(f"{type(value).__name__} has no JSON form")


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    try:
        module = __import__("_sha2" if sys.version_info >= (3, 12) else "_sha256")
    except ImportError:
        module = __import__("hashlib")
    digest: str = module.sha256(data).hexdigest()
    return digest


def parse_toml(text: str) -> dict[str, object]:
    """Parse TOML. Raises ValueError. What `kanban init` writes, names with texts and numbers, is parsed right here."""
    values: dict[str, object] = {}
    for line in text.splitlines():
        name, equals, value = (part.strip(_SPACE) for part in line.partition("="))
        if (not name and not equals) or name.startswith("#"):
            continue
        parsed = _plain_value(value)
        if not (equals and name.isascii() and name.isidentifier()) or name in values or parsed is None:
            import tomllib

            return tomllib.loads(text)
        values[name] = parsed
    return values


def _plain_value(text: str) -> object:
    """Return a text in double quotes without escapes, or a whole number; None for any other value."""
    inner = text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"' and inner.isprintable() and not {'"', "\\"} & {*inner}:
        return inner
    return int(text) if text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0") else None


class _Context:
    """What the scanner of CPython asks for: the defaults of `json.loads`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    array_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}.__getitem__
    memo: dict[str, str] = {}  # noqa: RUF012


def _scanner() -> Callable[[str, int], tuple[object, int]] | None:
    try:
        scanner: Callable[[str, int], tuple[object, int]] = __import__("_json").make_scanner(_Context)
    except (ImportError, AttributeError, TypeError):
        return None
    return scanner


def _encode_text(text: str) -> str:
    try:
        module = __import__("_json")
    except ImportError:
        module = __import__("json.encoder").encoder
    encoded: str = module.encode_basestring_ascii(text)
    return encoded
