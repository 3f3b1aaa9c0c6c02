"""Requests whose body is a file. They have limits of their own: size, time, and how many at a time."""

from __future__ import annotations

import re

_PATH = re.compile(r"/api/tickets/[0-9]{1,16}/files")


def is_upload(method: str, path: str) -> bool:
    """Whether the body of a request is a file. `path` has no prefix and no trailing slash."""
    return method == "POST" and _PATH.fullmatch(path) is not None
