"""Fit the values of an item to a ticket's fields and limits, without losing anything.

What has no field of ours, or does not fit into it, is kept in `extra`, in the description or in a comment.
"""

from collections.abc import Sequence

from kanban_cli.formats import dates, statuses
from kanban_cli.formats.item import Comment, DateOrder, Item
from kanban_cli.formats.ticket import (
    CommentFields,
    LinkFields,
    ParsedTicket,
    Place,
    Stand,
    Texts,
    TicketFields,
    Unclear,
)
from kanban_cli.formats.values import (
    is_blank,
    parse_labels,
    parse_links,
    parse_reference,
    parse_source_id,
    parse_text,
    parse_user_name,
    sanitize,
    sanitize_mapping,
    split_text,
    text_of_id,
    to_one_line,
)
from kanban_sdk.wire import limits
from kanban_sdk.wire.boards import Column, matching


def convert(
    item: Item, file: str, columns: Sequence[Column], *, default_author: str, date_order: DateOrder | None = None
) -> ParsedTicket:
    """Convert an item to a ticket for a board with these columns. Raises ValueError if its id can't be stored."""
    fitting = _Fitting(item, date_order)
    source_id = parse_source_id(sanitize(item.id), "id")
    created = fitting.time("created_at", item.created)
    author = fitting.user("created_by", item.author)
    unsigned: CommentFields = {"text": "", "author": author or default_author, "created_at": created}
    texts = _fit_texts(item, source_id, fitting.extra, unsigned)
    texts["comments"] += [piece for comment in item.comments for piece in _fit_comment(comment, default_author)]
    stand = fitting.stand(columns)
    ticket: TicketFields = {
        "source_id": source_id,
        "title": texts["title"],
        "description": texts["description"],
        "acceptance_criteria": texts["acceptance_criteria"],
        "comments": texts["comments"],
        "current_column": stand["current_column"],
        "status": stand["status"],
        "priority": fitting.priority(),
        "assignee": fitting.assignee(),
        "labels": fitting.labels(),
        "created_by": author,
        "created_at": created,
        "updated_at": fitting.time("updated_at", item.updated),
        "column_entered_at": fitting.time("finished_at", item.finished),
        "due_date": fitting.day("due_date", item.due),
        "links": fitting.links(),
        "extra": fitting.extra,
    }
    if not is_blank(item.not_before):
        ticket["not_before"] = fitting.time("not_before", item.not_before)
    if needs := fitting.needs():
        ticket["needs"] = needs
    if item.blocked_by is not None:
        ticket["blocked_by_sources"] = fitting.references("dependencies", item.blocked_by)
    if not is_blank(item.parent):
        ticket["parent_source"] = next(iter(fitting.references("parent", [item.parent])), None)
    if item.archived:
        ticket["archived"] = True
    former_ids = [one for one in map(parse_reference, item.former_ids) if one and one != source_id]
    if former_ids:
        ticket["former_source_ids"] = former_ids
    return ParsedTicket(Place(item.file or file, item.line, item.place), ticket, fitting.unclear, list(item.aliases))


class _Fitting:
    """The values of one item, what was not understood of them, and its `extra`."""

    def __init__(self, item: Item, date_order: DateOrder | None) -> None:
        self.item = item
        self.date_order = date_order
        self.unclear: list[Unclear] = []
        self.extra = {name: value for name, value in sanitize_mapping(item.extra).items() if not is_blank(value)}

    def note(self, field: str, value: object, reason: str | None = None) -> None:
        """Keep a value in `extra`, unless the format has kept it there, and report it."""
        clean = sanitize(value)
        self.extra.setdefault(field, clean)
        unclear: Unclear = {"field": field, "value": clean}
        if reason:
            unclear["reason"] = reason
        self.unclear.append(unclear)

    def time(self, field: str, value: object) -> str | None:
        """Return a time."""
        moment = dates.parse_time(value, self.date_order)
        if moment is None and not is_blank(value):
            self.note(field, value, "ambiguous-date" if dates.is_ambiguous(value) else None)
        return moment

    def day(self, field: str, value: object) -> str | None:
        """Return a day."""
        day = dates.parse_day(value, self.date_order)
        if day is None and not is_blank(value):
            self.note(field, value, "ambiguous-date" if dates.is_ambiguous(value) else None)
        return day

    def user(self, field: str, value: object) -> str | None:
        """Return a user name."""
        name = parse_user_name(sanitize(value))
        if name is None and not is_blank(value):
            self.note(field, value)
        return name

    def assignee(self) -> str | None:
        """Return the first assignee; several are kept in `extra`."""
        people = [sanitize(value) for value in self.item.assignees if not is_blank(value)]
        name = next(filter(None, map(parse_user_name, people)), None)
        if people and name is None:
            self.note("assignee", people[0] if len(people) == 1 else people)
        elif len(people) > 1:
            self.extra.setdefault("assignee", people)
        return name

    def stand(self, columns: Sequence[Column]) -> Stand:
        """Return the column and the source's word for it; a word that is no column's name is kept in `extra`."""
        status = _status_text(self.item.status)
        words = next(
            (one for one in (_status_text(self.item.column), status) if one and statuses.match_column(one, columns)),
            status,
        )
        column = statuses.match_column(words, columns) if words else None
        if column is None and self.item.meaning:
            column = statuses.column_for_meaning(self.item.meaning, columns)
        if words and column is None:
            self.note("status", words)
        elif words and self.item.keep_status and matching(column or "") != matching(words):
            self.extra.setdefault("status", words)
        return {
            "current_column": column or statuses.column_for_meaning("todo", columns),
            "status": (words or "")[: limits.SOURCE_ID_CHARACTERS] or None,
        }

    def priority(self) -> str | None:
        """Return the priority."""
        value = self.item.priority
        if is_blank(value):
            return None
        text = str(value).strip()
        if text.casefold() in statuses.NO_PRIORITY:
            self.extra.setdefault("priority", text)
            return None
        priority = statuses.parse_priority(text) if isinstance(value, str | int) else None
        if priority is None:
            self.note("priority", value)
        return priority

    def labels(self) -> list[str]:
        """Return the labels that fit; all are kept in `extra` if one does not."""
        values = [value for value in self.item.labels if not is_blank(value)]
        labels = parse_labels(map(sanitize, values))
        if len(labels) < len({repr(value) for value in values}):
            self.note("labels", values if len(values) > 1 else values[0])
        return labels

    def needs(self) -> list[str]:
        """Return the tags that fit; all are kept in `extra` if one does not."""
        values = [value for value in self.item.needs if not is_blank(value)]
        tags = [tag for tag in parse_labels(map(sanitize, values)) if "," not in tag][: limits.TAGS]
        if len(tags) < len({repr(value) for value in values}):
            self.note("needs", values if len(values) > 1 else values[0])
        return tags

    def links(self) -> list[LinkFields]:
        """Return the links that fit; all are kept in `extra` if one does not."""
        values = [value for value in self.item.links if not is_blank(value)]
        links = parse_links(values)
        if len(links) < len({repr(value) for value in values}):
            self.note("links", values if len(values) > 1 else values[0])
        return links

    def references(self, field: str, values: Sequence[object]) -> list[str]:
        """Return the names of other items that can be ids."""
        present = [sanitize(value) for value in values if not is_blank(value)]
        names = [name for name in map(parse_reference, map(text_of_id, present)) if name]
        if len(names) < len(present) or len(names) > limits.BLOCKERS:
            self.note(field, present)
        return list(dict.fromkeys(names))[: limits.BLOCKERS]


def _fit_texts(item: Item, source_id: str, extra: dict[str, object], unsigned: CommentFields) -> Texts:
    """Return title, description, criteria and comments.

    A long title is repeated on top of the description, a long text continues in comments. `unsigned` has the author and
    the time of those.
    """
    full_title = parse_text(sanitize(item.title)) or source_id
    description = parse_text(sanitize(item.description))
    title = to_one_line(full_title, limits.TITLE_CHARACTERS) or to_one_line(source_id, limits.TITLE_CHARACTERS)
    if title != " ".join(full_title.split()):
        description = f"{full_title}\n\n{description}" if description else full_title
    elif title != full_title:
        extra["title"] = full_title  # only the spacing differs
    comments: list[CommentFields] = []

    def shorten(label: str, text: str | None) -> str | None:
        first, *rest = split_text(text)
        pieces = (f"(The {label}, part {number})\n\n{piece}" for number, piece in enumerate(rest, 2))
        comments.extend({**unsigned, "text": piece} for piece in pieces)
        return f"{first}\n\n(The rest is in the comments.)" if rest else first

    return {
        "title": title,
        "description": shorten("description", description),
        "acceptance_criteria": shorten("acceptance criteria", parse_text(sanitize(item.criteria))),
        "comments": comments,
    }


def _fit_comment(comment: Comment, default_author: str) -> list[CommentFields]:
    """Return a comment, in as many pieces as its text needs."""
    author = parse_user_name(sanitize(comment.get("author"))) or default_author
    created = dates.parse_time(comment.get("created_at"))
    pieces = split_text(parse_text(sanitize(comment["text"])))
    return [{"text": piece, "author": author, "created_at": created} for piece in pieces if piece and piece.strip()]


def _status_text(value: object) -> str | None:
    return None if is_blank(value) else str(sanitize(value)).strip()
