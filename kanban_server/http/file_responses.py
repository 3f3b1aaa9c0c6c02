"""Responses that carry a file of the package: with an ETag, and in gzip to clients that accept it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from kanban_server.http.compression import MIN_BYTES, SMALL, accepts_gzip


class Version(NamedTuple):
    """A file at one time, as it is sent."""

    etag: str
    body: bytes
    compressed: bytes


def version_of(etag: str, body: bytes) -> Version:
    """The version of a file with this body."""
    return Version(etag, body, gzip.compress(body, SMALL, mtime=0))


def file_response(request: Request, version: Version, media_type: str, headers: Mapping[str, str]) -> Response:
    """The file, or 304 where the client has this version."""
    is_compressed = len(version.body) >= MIN_BYTES and accepts_gzip(request)
    etag = f'"{version.etag}-gzip"' if is_compressed else f'"{version.etag}"'
    headers = {**headers, "ETag": etag, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if is_compressed:
        return Response(version.compressed, 200, {**headers, "Content-Encoding": "gzip"}, media_type)
    return Response(version.body, 200, headers, media_type)
