"""A block of ours in somebody else's file, between two marks. All the rest stays byte for byte."""

BEGIN = b"<!-- kanban:begin -->"
END = b"<!-- kanban:end -->"


class Broken(ValueError):
    """The marks in the file are not one pair."""


def put(file: bytes, block: bytes) -> bytes:
    """The file with the block: in the place of the one that is there, else at the end."""
    span = find(file)
    marked = BEGIN + b"\n" + block + END + b"\n"
    if span is None:
        return file + b"\n" + marked if file else marked
    return file[: span[0]] + marked + file[span[1] :]


def take(file: bytes) -> bytes:
    """The file without the block, and without the line end that `put` set before it: as it was before."""
    span = find(file)
    if span is None:
        return file
    before = file[: span[0]].removesuffix(b"\n") if span[0] else b""
    return before + file[span[1] :]


def find(file: bytes) -> tuple[int, int] | None:
    """Where the block stands, with its marks and the end of its last line. Raises Broken."""
    begins, ends = file.count(BEGIN), file.count(END)
    if begins == ends == 0:
        return None
    begin, end = file.find(BEGIN), file.find(END)
    if begins != 1 or ends != 1 or end < begin:
        raise Broken
    end += len(END)
    return begin, end + (1 if file[end : end + 1] == b"\n" else 0)
