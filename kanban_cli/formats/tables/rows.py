"""The rows of a CSV file: delimiter, header, trimmed cells, and repeated columns joined."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kanban_cli.formats.source import Source
from kanban_sdk.wire import limits

DELIMITERS = (",", ";", "\t")
FORMULA_GUARD = re.compile(r"'+[=+\-@\t\r]")
"""The beginning of a cell that was escaped against being run as a formula; `kanban export` writes it."""
OWN_HEADER = ("current_column", "column_entered_at", "source_id")
"""Columns of the table that `kanban export` writes, whose cells are read as they are."""


@dataclass(frozen=True)
class Row:
    """A row, with the line on which it begins. `cells` has one text for each column of the header."""

    line: int
    cells: list[str]


class Table:
    """A CSV file. Its rows can be read several times."""

    def __init__(self, source: Source) -> None:
        """Read the header. Raises ParseError."""
        self.source = source
        self.delimiter, self._skipped_lines = _detect_delimiter(source.head)
        first = next(self._raw_rows(), None)
        self.header = [cell.strip() for cell in first.cells] if first else []
        while self.header and not self.header[-1]:
            self.header.pop()
        self.names = list(dict.fromkeys(name for name in self.header if name))
        """The names of the columns, each once."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header that are not blank. Raises ParseError."""
        raw_rows = self._raw_rows()
        next(raw_rows, None)
        width = len(self.header)
        is_own = has_columns(self.names, *OWN_HEADER)
        for row in raw_rows:
            cells = [_unguard(cell) for cell in row.cells] if is_own else [_clean(cell) for cell in row.cells]
            if not any(cells):
                continue
            if any(cells[width:]):
                raise self.source.error(row.line, f"the row has {len(cells)} cells; the header has {width}")
            yield Row(row.line, [*cells[:width], *[""] * (width - len(cells))])

    def values(self, row: Row) -> dict[str, list[str]]:
        """Return the non-blank cells of a row by the names of their columns; a repeated column has several."""
        values: dict[str, list[str]] = {}
        for number, (name, cell) in enumerate(zip(self.header, row.cells, strict=True), 1):
            if cell:
                values.setdefault(name or f"column {number}", []).append(cell)
        return values

    def repeated(self) -> set[str]:
        """Return the names that several columns have."""
        return {name for name, count in Counter(self.header).items() if count > 1}

    def _raw_rows(self) -> Iterator[Row]:
        csv.field_size_limit(limits.BODY_BYTES)
        lines = self.source.lines()
        for _ in range(self._skipped_lines):
            next(lines, None)
        first = next(lines, "").replace("\0", "\u2400")
        reader = csv.reader(
            chain([first], (line.replace("\0", "\u2400") for line in lines)), delimiter=self.delimiter, strict=True
        )
        line = self._skipped_lines + 1
        try:
            for cells in reader:
                yield Row(line, cells)
                line = self._skipped_lines + reader.line_num + 1
        except csv.Error as error:
            raise self.source.error(self._skipped_lines + (reader.line_num or 1), str(error)) from error


def _clean(cell: str) -> str:
    """Return a cell without blanks around it, and without the guard against formulas."""
    cell = cell.strip()
    return _unguard(cell).strip() if cell.startswith("'") else cell


def _unguard(cell: str) -> str:
    """Return a cell without the guard against formulas."""
    return cell[1:] if FORMULA_GUARD.match(cell) else cell


def _detect_delimiter(head: str) -> tuple[str, int]:
    """Return the delimiter, and how many lines precede the header: one if the first says `sep=;`."""
    first, _, rest = head.removeprefix("\ufeff").partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) <= 5:
        delimiter = first.strip().strip('"')[4:] or ("\t" if "\t" in first else "")
        if len(delimiter) == 1:
            return delimiter, 1
        return max(DELIMITERS, key=rest.partition("\n")[0].count), 1
    return max(DELIMITERS, key=first.count), 0


def has_columns(names: Sequence[str], *needed: str) -> bool:
    """Whether a table has all of these columns, case aside."""
    present = {name.casefold() for name in names}
    return all(name.casefold() in present for name in needed)
