"""The media type of a file, by its bytes and never by its name or by what its sender says."""

from __future__ import annotations

import codecs
import re

HEAD_BYTES = 4096
"""How much of a file decides its type."""
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The types that a browser may show in place. All others are only downloaded."""
BINARY, TEXT = "application/octet-stream", "text/plain"
SERVED_TYPES = {TEXT: "text/plain; charset=utf-8", "application/pdf": "application/pdf"}
"""The types of downloads that are sent as they are. Others, such as HTML and SVG, are sent as `BINARY`."""
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\x1f\x8b": "application/gzip",
}
_HTML = re.compile(r"<(!doctype\s+html|html|head|body|script|iframe|title|style)\b", re.IGNORECASE)
_SVG = re.compile(r"<(!doctype\s+svg|svg)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def detect_media_type(head: bytes) -> str:
    """The media type of a file that begins with these bytes."""
    head = head[:HEAD_BYTES]
    for beginning, media_type in _BEGINNINGS.items():
        if head.startswith(beginning):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return BINARY
    if _CONTROL.search(text):
        return BINARY
    if _SVG.search(text):
        return "image/svg+xml"
    return "text/html" if _HTML.search(text) else TEXT
