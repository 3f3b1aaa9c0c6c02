"""Jira's CSV export, all fields."""

from kanban_cli.formats import dates
from kanban_cli.formats.item import Comment, Item
from kanban_cli.formats.statuses import find_meaning
from kanban_cli.formats.tables.dialect import Dialect, RowValues, all_cells, first_cell


def _finish(item: Item, row: RowValues) -> None:
    """Take comments and attachments apart, and let the children name their parent by its key or its number."""
    item.aliases = [cell for cell in (first_cell(row, "Issue id"),) if cell]
    item.comments = []
    kept = []
    for cell in all_cells(row, "Comment", "Comments"):
        comment = _parse_comment(cell)
        item.comments = [*item.comments, comment] if comment else item.comments
        kept += [] if comment else [cell]
    item.extra.pop("comments", None)
    if kept:
        item.extra["comments"] = kept
    urls = [cell.rpartition(";")[2] for cell in all_cells(row, "Attachment", "Attachments")]
    item.links = [*item.links, *(url for url in urls if url.startswith(("http://", "https://")))]
    category = first_cell(row, "Status Category")
    if category and find_meaning(str(item.status or "")) is None:
        item.meaning = find_meaning(category)


def _parse_comment(cell: str) -> Comment | None:
    """Return a comment written as `date;author;text`; None if it has no text."""
    written, _, rest = cell.partition(";")
    author, _, text = rest.partition(";")
    if dates.parse_moment(written) is None or not text.strip():
        return {"text": cell} if cell.strip() else None
    return {"text": text, "author": author, "created_at": written}


DIALECT = Dialect(
    needed=("Issue key", "Summary"),
    fields={
        "issue key": "id",
        "summary": "title",
        "description": "description",
        "reporter": "created_by",
        "due date": "due_date",
        "resolved": "finished_at",
        "parent": "parent",
        "parent key": "parent",
        "parent id": "parent",
        "custom field (epic link)": "parent",
        "epic link": "parent",
        "inward issue link (blocks)": "dependencies",
        "comment": "comments",
    },
    finish=_finish,
    dates=("Comment", "Comments"),
)
