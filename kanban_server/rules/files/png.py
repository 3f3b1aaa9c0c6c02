"""PNG without metadata: only chunks that are needed to show the picture are kept."""

from __future__ import annotations

from kanban_server.rules.files.binary import MalformedImage, Size, Source, Target, copy, read_exactly

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD"),
        *(b"pHYs", b"acTL", b"fcTL", b"fdAT"),
    }
)
"""Chunks that say how the picture looks. Texts, times and EXIF are not among them."""
_MOST = 2**31 - 1


def strip_png(source: Source, target: Target) -> Size:
    """Copy a picture without its metadata, and without anything behind it. Raises MalformedImage."""
    if read_exactly(source, 8) != SIGNATURE:
        raise MalformedImage("no PNG")
    target.write(SIGNATURE)
    size, kind = None, b""
    while kind != b"IEND":
        head = read_exactly(source, 8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        if length > _MOST or (size is None) != (kind == b"IHDR"):
            raise MalformedImage("a chunk is wrong")
        kept = target if kind in KEPT else None
        if kept is not None:
            kept.write(head)
        if kind == b"IHDR":
            if length != 13:
                raise MalformedImage("the header is wrong")
            fields = read_exactly(source, 13)
            size = Size(int.from_bytes(fields[:4]), int.from_bytes(fields[4:8]))
            target.write(fields)
            length = 0
        copy(source, kept, length + 4)
    if size is None or not size.width or not size.height:
        raise MalformedImage("the picture has no size")
    return size
