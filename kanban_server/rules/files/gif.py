"""GIF without metadata: comments and the extensions of programs are left out, but for the loop of an animation."""

from __future__ import annotations

from kanban_server.rules.files.binary import MalformedImage, Size, Source, Target, read_exactly

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
LOOP = b"NETSCAPE2.0"


def strip_gif(source: Source, target: Target) -> Size:
    """Copy a picture without its metadata, and without anything behind it. Raises MalformedImage."""
    head = read_exactly(source, 13)
    if head[:6] not in {b"GIF87a", b"GIF89a"}:
        raise MalformedImage("no GIF")
    size = Size(int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"))
    if not size.width or not size.height:
        raise MalformedImage("the picture has no size")
    target.write(head)
    _copy_colors(source, target, head[10])
    while (kind := read_exactly(source, 1)[0]) != TRAILER:
        if kind == IMAGE:
            _copy_image(source, target, size)
        elif kind == EXTENSION:
            _copy_extension(source, target)
        else:
            raise MalformedImage("a block is unknown")
    target.write(bytes([TRAILER]))
    return size


def _copy_image(source: Source, target: Target, size: Size) -> None:
    fields = read_exactly(source, 9)
    left, top, width, height = (int.from_bytes(fields[at : at + 2], "little") for at in (0, 2, 4, 6))
    if left + width > size.width or top + height > size.height:
        raise MalformedImage("a frame is larger than the picture")
    target.write(bytes([IMAGE]) + fields)
    _copy_colors(source, target, fields[8])
    target.write(read_exactly(source, 1))
    _copy_blocks(source, target)


def _copy_extension(source: Source, target: Target) -> None:
    label = read_exactly(source, 1)
    length = read_exactly(source, 1)
    first = read_exactly(source, length[0])
    kept = target if label[0] == GRAPHIC_CONTROL or (label[0] == APPLICATION and first == LOOP) else None
    if kept is not None:
        kept.write(bytes([EXTENSION]) + label + length + first)
    if length[0]:
        _copy_blocks(source, kept)


def _copy_colors(source: Source, target: Target, flags: int) -> None:
    """Copy a color table, if these flags announce one."""
    if flags & 0x80:
        target.write(read_exactly(source, 3 * 2 ** ((flags & 7) + 1)))


def _copy_blocks(source: Source, target: Target | None) -> None:
    """Copy blocks up to the empty one, or skip them."""
    while True:
        length = read_exactly(source, 1)
        data = read_exactly(source, length[0])
        if target is not None:
            target.write(length + data)
        if not length[0]:
            return
