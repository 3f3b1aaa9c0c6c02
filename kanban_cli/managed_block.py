"""A block between two marks in the file of another program. The rest of the file stays byte for byte."""

BEGIN = b"<!-- kanban:begin -->"
END = b"<!-- kanban:end -->"


class UnpairedMarks(ValueError):
    """The marks in the file are not exactly one pair."""


def insert_block(file: bytes, block: bytes) -> bytes:
    """Return the file with the block: in place of the existing one, else at the end."""
    position = find_block(file)
    marked_block = BEGIN + b"\n" + block + END + b"\n"
    if position is None:
        return file + b"\n" + marked_block if file else marked_block
    return file[: position[0]] + marked_block + file[position[1] :]


def remove_block(file: bytes) -> bytes:
    """Return the file without the block and the line end that `insert_block` put before it: as it was before."""
    position = find_block(file)
    if position is None:
        return file
    before = file[: position[0]].removesuffix(b"\n") if position[0] else b""
    return before + file[position[1] :]


def find_block(file: bytes) -> tuple[int, int] | None:
    """Return the block's bounds, including its marks and the end of its last line. Raises UnpairedMarks."""
    begins, ends = file.count(BEGIN), file.count(END)
    if begins == ends == 0:
        return None
    begin, end = file.find(BEGIN), file.find(END)
    if begins != 1 or ends != 1 or end < begin:
        raise UnpairedMarks
    end += len(END)
    return begin, end + (1 if file[end : end + 1] == b"\n" else 0)
