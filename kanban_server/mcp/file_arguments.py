"""Files in the arguments of a tool: a name and its content, as text or as a `data:` URL in base64."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def decode_files(files: Mapping[str, str]) -> dict[str, bytes]:
    """The contents by name. Refused: `invalid-request`, for a name or a content that is empty or malformed."""
    return {name: _decode(name, content) for name, content in files.items()}


def _decode(name: str, content: str) -> bytes:
    if not 0 < len(name) <= limits.SENT_NAME_CHARACTERS:
        raise _refusal(f"A file's name has 1 to {limits.SENT_NAME_CHARACTERS} characters.", "Name the file.")
    if not content:
        raise _refusal(f"The file '{name[:100]}' is empty.", "Send its content.")
    url = _DATA_URL.match(content)
    if url is None:
        return content.encode()
    try:
        data = b64decode(_SPACE.sub("", content[url.end() :]), validate=True)
    except ValueError as error:
        fix = "Encode it as base64 (RFC 4648), or send a text file as its text."
        raise _refusal(f"The content of '{name[:100]}' is not base64.", fix) from error
    if not data:
        raise _refusal(f"The file '{name[:100]}' is empty.", "Send its content.")
    return data


def _refusal(detail: str, fix: str) -> Refusal:
    return Refusal("invalid-request", detail, fix=fix, field="files")
