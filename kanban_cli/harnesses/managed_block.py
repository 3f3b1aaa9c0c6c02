"""A block between two marks in the file of another program. The rest of the file stays byte for byte.

The lines of the block end as the first line of the file does.
"""

from typing import NamedTuple


class Marks(NamedTuple):
    """The lines before and after a block: comments of the file's language."""

    begin: bytes
    end: bytes


MARKDOWN = Marks(b"<!-- kanban:begin -->", b"<!-- kanban:end -->")
TOML = Marks(b"# kanban:begin", b"# kanban:end")


class UnpairedMarks(ValueError):
    """The marks in the file are not exactly one pair."""


def insert_block(file: bytes, block: bytes, marks: Marks = MARKDOWN) -> bytes:
    """Return the file with the block: in place of the existing one, else at the end."""
    position = find_block(file, marks)
    newline = b"\r\n" if file[: file.find(b"\n") + 1].endswith(b"\r\n") else b"\n"
    marked_block = (marks.begin + b"\n" + block + marks.end + b"\n").replace(b"\n", newline)
    if position is None:
        return file + newline + marked_block if file else marked_block
    return file[: position[0]] + marked_block + file[position[1] :]


def remove_block(file: bytes, marks: Marks = MARKDOWN) -> bytes:
    """Return the file without the block and the line end that `insert_block` put before it: as it was before."""
    position = find_block(file, marks)
    if position is None:
        return file
    newline = b"\r\n" if file[position[0] + len(marks.begin) :].startswith(b"\r\n") else b"\n"
    before = file[: position[0]].removesuffix(newline) if position[0] else b""
    return before + file[position[1] :]


def find_block(file: bytes, marks: Marks = MARKDOWN) -> tuple[int, int] | None:
    """Return the block's bounds, including its marks and the end of its last line. Raises UnpairedMarks."""
    begins, ends = file.count(marks.begin), file.count(marks.end)
    if begins == ends == 0:
        return None
    begin, end = file.find(marks.begin), file.find(marks.end)
    if begins != 1 or ends != 1 or end < begin:
        raise UnpairedMarks
    end += len(marks.end)
    return begin, end + next((len(one) for one in (b"\r\n", b"\n") if file.startswith(one, end)), 0)
