"""A Planka board, as its API returns it (`GET /api/boards/ID`), of version 1 or 2."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers import boards

DEFAULT_AUTHOR = "planka"
OFF_BOARD_LISTS = frozenset({"archive", "trash"})


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the cards of a board. Cards in the trash are counted; archived ones are done. Raises ParseError."""
    included = object_of(object_of(source.document).get("included"))
    lists = {str(one.get("id")): one for one in objects(included.get("lists"))}
    users = {str(one.get("id")): name_of(one, "username", "name") for one in objects(included.get("users"))}
    labels = {str(one.get("id")): name_of(one, "name", "color") for one in objects(included.get("labels"))}
    card_labels = boards.group_by(objects(included.get("cardLabels")), "cardId")
    memberships = boards.group_by(objects(included.get("cardMemberships")), "cardId")
    attachments = boards.group_by(objects(included.get("attachments")), "cardId")
    comments = boards.group_by(objects(included.get("comments")), "cardId")
    for number, card in enumerate(objects(included.get("cards"))):
        id = str(card.get("id"))
        own_list = lists.get(str(card.get("listId")), {})
        if own_list.get("type") == "trash":
            options.skipped["cards in the trash"] += 1
            continue
        is_archived = own_list.get("type") in OFF_BOARD_LISTS
        is_closed = is_archived or own_list.get("type") == "closed" or card.get("isClosed") is True
        extra = {name: card[name] for name in ("stopwatch", "type") if card.get(name) and card[name] != "project"}
        yield Item(
            id=f"planka:{id}",
            title=card.get("name"),
            description=card.get("description"),
            criteria=_criteria(id, included),
            status="archived" if is_archived else own_list.get("name"),
            meaning="done" if is_closed else None,
            keep_status=not is_archived,
            assignees=[users.get(str(one.get("userId"))) for one in memberships.get(id, [])],
            labels=[labels.get(str(one.get("labelId"))) for one in card_labels.get(id, [])],
            author=users.get(str(card.get("creatorUserId"))),
            created=card.get("createdAt"),
            updated=card.get("updatedAt"),
            due=card.get("dueDate"),
            links=[one.get("url") or object_of(one.get("data")).get("url") for one in attachments.get(id, [])],
            comments=[_comment(one, users) for one in comments.get(id, []) if json_values.text(one.get("text"))],
            archived=is_archived,
            extra=extra,
            place=f"included.cards[{number}]",
        )


def _criteria(card_id: str, included: JsonObject) -> str:
    """Return a card's tasks as Markdown: in version 2 they are in task lists, in version 1 on the card."""
    tasks = objects(included.get("tasks"))
    lists = [one for one in objects(included.get("taskLists")) if str(one.get("cardId")) == card_id]
    groups = [(name_of(one, "name"), _tasks(tasks, "taskListId", str(one.get("id")))) for one in lists]
    return boards.checklists_to_markdown([*groups, (None, _tasks(tasks, "cardId", card_id))])


def _tasks(tasks: list[JsonObject], field: str, id: str) -> list[tuple[str, bool]]:
    own = boards.by_position([task for task in tasks if str(task.get(field)) == id], "position")
    return [(str(task.get("name") or ""), task.get("isCompleted") is True) for task in own]


def _comment(comment: JsonObject, users: dict[str, str | None]) -> Comment:
    return {
        "text": str(comment["text"]),
        "author": users.get(str(comment.get("userId"))),
        "created_at": comment.get("createdAt"),
    }
