"""WeKan's JSON export of a board."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, list_of, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers import boards

DEFAULT_AUTHOR = "wekan"
KEPT_FIELDS = (
    "startAt",
    "receivedAt",
    "spentTime",
    "isOvertime",
    "requestedBy",
    "assignedBy",
    "vote",
    "poker",
    "cardNumber",
)
"""Fields without a field of ours that are kept."""


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the cards of a board. A card is archived with its list or its swimlane. Raises ParseError."""
    board = object_of(source.document)
    lists = {str(one.get("_id")): one for one in objects(board.get("lists"))}
    lanes = {str(one.get("_id")): one for one in objects(board.get("swimlanes"))}
    users = {str(one.get("_id")): name_of(one, "username") for one in objects(board.get("users"))}
    labels = {str(one.get("_id")): name_of(one, "name", "color") for one in objects(board.get("labels"))}
    items = boards.group_by(objects(board.get("checklistItems")), "checklistId")
    checklists = boards.group_by(objects(board.get("checklists")), "cardId")
    comments = boards.group_by(objects(board.get("comments")), "cardId")
    attachments = boards.group_by(objects(board.get("attachments")), "cardId")
    field_names = {str(one.get("_id")): name_of(one, "name") for one in objects(board.get("customFields"))}
    for number, card in enumerate(objects(board.get("cards"))):
        id = str(card.get("_id"))
        own_list = lists.get(str(card.get("listId")), {})
        lane = lanes.get(str(card.get("swimlaneId")), {})
        is_archived = any(one.get("archived") is True for one in (card, own_list, lane))
        extra = {name: card[name] for name in KEPT_FIELDS if card.get(name)}
        extra |= {
            name: one.get("value")
            for one in objects(card.get("customFields"))
            if one.get("value") and (name := field_names.get(str(one.get("_id"))))
        }
        if len(lanes) > 1:
            extra["swimlane"] = lane.get("title")
        if is_archived:
            extra["list"] = own_list.get("title")
        people = list_of(card.get("assignees")) or list_of(card.get("members"))
        yield Item(
            id=f"wekan:{id}",
            title=card.get("title"),
            description=card.get("description"),
            criteria=_criteria(checklists.get(id, []), items),
            status="archived" if is_archived else own_list.get("title"),
            keep_status=not is_archived,
            assignees=[users.get(str(person)) or person for person in people],
            labels=[labels.get(str(label)) for label in list_of(card.get("labelIds"))],
            author=users.get(str(card.get("userId"))),
            created=card.get("createdAt"),
            updated=card.get("modifiedAt") or card.get("dateLastActivity"),
            finished=card.get("endAt"),
            due=card.get("dueAt"),
            links=[one.get("url") for one in attachments.get(id, [])],
            comments=_comments(comments.get(id, []), users),
            parent=f"wekan:{card['parentId']}" if card.get("parentId") else None,
            archived=is_archived,
            extra=extra,
            place=f"cards[{number}]",
        )


def _criteria(checklists: list[JsonObject], items: dict[str, list[JsonObject]]) -> str:
    return boards.checklists_to_markdown(
        (
            name_of(one, "title"),
            [
                (str(item.get("title") or ""), item.get("isFinished") is True)
                for item in boards.by_position(items.get(str(one.get("_id")), []), "sort")
            ],
        )
        for one in boards.by_position(checklists, "sort")
    )


def _comments(comments: list[JsonObject], users: dict[str, str | None]) -> list[Comment]:
    """Return the comments, oldest first."""
    written: list[Comment] = [
        {"text": str(one["text"]), "author": users.get(str(one.get("userId"))), "created_at": one.get("createdAt")}
        for one in comments
        if json_values.text(one.get("text"))
    ]
    return sorted(written, key=lambda comment: str(comment.get("created_at")))
