"""CSV tables: one item per row, under a header with the field names; a tracker's own header is recognized."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from kanban_cli.formats import dates, fields
from kanban_cli.formats.item import DateOrder, Item, ReadOptions
from kanban_cli.formats.source import Source
from kanban_cli.formats.tables.dialect import Dialect, RowValues
from kanban_cli.formats.tables.rows import Row, Table, has_columns
from kanban_cli.formats.values import is_blank, parse_source_id, unique_id

DEFAULT_AUTHOR = "csv"
DIALECTS = ("kanban", "jira", "linear", "asana", "gitlab_table", "azure", "kanboard", "notion")
"""Modules with the dialects of trackers, in the order in which they are tried."""
SINGLE_FIELDS = frozenset(fields.FIELD_NAMES) - fields.LIST_FIELDS - fields.TEXT_FIELDS - {"assignee", "comments"}
"""Fields with one value, of which further columns stay in `extra`."""
NUMBERED_NAMES = ("source_id", "id", "key", "issue_key", "number")
TITLE_NAMES = ("title", "summary", "name", "task", "subject")
"""The columns that 0.1.0 took the id and the title from."""


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the rows of a table. Raises ParseError."""
    table = Table(source)
    return read_table(table, find_dialect(table), options)


def find_dialect(table: Table) -> Dialect:
    """Return the dialect of a table; one that knows no special columns if no tracker's header fits."""
    for name in DIALECTS:
        dialect: Dialect = import_module(f"kanban_cli.formats.tables.{name}").DIALECT
        if dialect.needed and has_columns(table.names, *dialect.needed):
            return dialect
    return Dialect(())


def read_table(table: Table, dialect: Dialect, options: ReadOptions) -> Iterator[Item]:
    """Read the rows of a table in a dialect. Raises ParseError."""
    try:
        field_by_column = _map_columns(table, dialect, options.field_by_column)
    except ValueError as error:
        raise table.source.error(1, str(error)) from error
    orders = _find_date_orders(table, dialect, field_by_column, options.date_order)
    ids = _SourceIds()
    ranks = {name.casefold(): number for number, name in reversed([*enumerate(dialect.fields)])}
    for row in table.rows():
        values = table.values(row)
        _normalize_dates(values, orders)
        try:
            item = _build_item(row, values, field_by_column, ranks)
            if dialect.finish is not None:
                dialect.finish(item, values)
            yield ids.assign(item, values)
        except ValueError as error:
            raise table.source.error(row.line, str(error)) from error


def _map_columns(table: Table, dialect: Dialect, own_names: Mapping[str, str]) -> dict[str, str | None]:
    """Return our field for each column. Raises ValueError."""
    for name, field in own_names.items():
        if name not in table.names:
            raise ValueError(f"there is no column '{name}' among {', '.join(table.names)}")
        if field not in fields.FIELD_NAMES:
            raise ValueError(f"'{field}' is no field; these are: {', '.join(fields.FIELD_NAMES)}")
    mapped = {
        name: own_names.get(name) or dialect.fields.get(name.casefold()) or fields.find_field(name)
        for name in table.names
    }
    if "title" not in mapped.values():
        raise ValueError(f"no column of these is the title (--map NAME=title): {', '.join(table.names) or 'none'}")
    return mapped


def _build_item(
    row: Row, values: RowValues, field_by_column: Mapping[str, str | None], ranks: Mapping[str, int]
) -> Item:
    """Build the item of a row. `ranks` are the precedences of a dialect's columns. Raises ValueError."""
    cells = [
        (name, field_by_column.get(name), _joined(field_by_column.get(name), texts)) for name, texts in values.items()
    ]
    if ranks:
        cells.sort(key=lambda cell: ranks.get(cell[0].casefold(), len(ranks)))
    known_fields, other_fields = fields.split_fields(cells)
    for name, field, value in cells:
        if isinstance(value, list) and field in SINGLE_FIELDS:
            other_fields[name] = value  # a column that is there several times, of a field that has one value
    if "title" not in known_fields:
        raise ValueError("the row has no title")
    if "dependencies" in field_by_column.values():
        known_fields.setdefault("dependencies", [])
    item = fields.build_item(known_fields.get("id"), known_fields, other_fields)
    item.line = row.line
    return item


def _joined(field: str | None, texts: Sequence[str]) -> object:
    """Return the cells of a column: a text, or the texts of a column that is there several times."""
    if len(texts) == 1:
        return texts[0]
    if field not in fields.LIST_FIELDS:
        return [*texts]
    return [part for text in texts for part in fields.split_values(text)]


class _SourceIds:
    """The ids of the rows so far. A row without an id is known by its title, and found again only under it."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def assign(self, item: Item, values: RowValues) -> Item:
        """Set the item's id, and the id by which 0.1.0 knew the row, if that is another."""
        old_names = {fields.normalize_name(name): texts[0] for name, texts in values.items()}
        old_id = next((old_names[name] for name in NUMBERED_NAMES if name in old_names), None)
        old_title = next((old_names[name] for name in TITLE_NAMES if name in old_names), None)
        if is_blank(item.id):
            item.id = self._from_title(str(item.title))
            return item
        source_id = parse_source_id(item.id, "id")
        former = old_id or (self._from_title(old_title) if old_title else None)
        return replace(item, id=source_id, former_ids=[former]) if former and former != source_id else item

    def _from_title(self, title: str) -> str:
        return unique_id(f"csv:{title}", self._used)


def _find_date_orders(
    table: Table, dialect: Dialect, field_by_column: Mapping[str, str | None], stated: DateOrder | None
) -> dict[str, DateOrder | None]:
    """Return the order of day and month for each column of dates: stated, or proved by its dates, or by the file's."""
    names = [name for name, field in field_by_column.items() if field in fields.DATE_FIELDS]
    names += [name for name in table.names if name in dialect.dates]
    proofs: dict[str, set[DateOrder]] = {name: set() for name in names}
    positions = [(number, proofs[name]) for number, name in enumerate(table.header) if name in proofs]
    for row in table.rows():  # also when the order is stated: the whole file is read before the first request
        for number, proof in positions:
            if len(proof) < 2:
                proof |= dates.observed_order(row.cells[number].partition(";")[0])
    if stated:
        return dict.fromkeys(names, stated)
    of_file: set[DateOrder] = set().union(*proofs.values()) if proofs else set()
    own = {name: next(iter(proof)) if len(proof) == 1 else None for name, proof in proofs.items()}
    common = next(iter(of_file)) if len(of_file) == 1 else None
    return {name: order or (common if not proofs[name] else None) for name, order in own.items()}


def _normalize_dates(values: dict[str, list[str]], orders: Mapping[str, DateOrder | None]) -> None:
    """Write the dates of a row as ISO-8601, where they are understood."""
    for name, order in orders.items():
        for number, cell in enumerate(values.get(name, ())):
            written, semicolon, rest = cell.partition(";")
            if moment := dates.parse_moment(written, order):
                values[name][number] = f"{moment.isoformat()}{semicolon}{rest}"
