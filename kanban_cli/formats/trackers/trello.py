"""Trello's JSON export of a board."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, list_of, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers import boards

DEFAULT_AUTHOR = "trello"
KEPT_FIELDS = ("start", "cover", "coordinates", "address", "locationName", "pos")
"""Fields without a field of ours that are kept."""


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the cards of a board. An archived card, and one in an archived list, is done. Raises ParseError."""
    board = object_of(source.document)
    lists = {str(one.get("id")): one for one in objects(board.get("lists"))}
    members = {str(one.get("id")): name_of(one, "username", "fullName") for one in objects(board.get("members"))}
    field_names = {str(one.get("id")): name_of(one, "name") for one in objects(board.get("customFields"))}
    checklists = boards.group_by(objects(board.get("checklists")), "idCard")
    actions = objects(board.get("actions"))
    comments = _comments_by_card(actions)
    creations = _creations_by_card(actions)
    for number, card in enumerate(objects(board.get("cards"))):
        if card.get("isTemplate"):
            options.skipped["templates of cards"] += 1
            continue
        id = str(card.get("id"))
        own_list = lists.get(str(card.get("idList")), {})
        people = [members.get(str(member)) or member for member in list_of(card.get("idMembers"))]
        created = creations.get(id, {})
        extra: dict[str, object] = {name: card[name] for name in KEPT_FIELDS if name != "pos" and card.get(name)}
        extra |= _custom_fields(card, field_names)
        if isinstance(extra.get("cover"), dict) and not object_of(extra["cover"]).get("color"):
            extra.pop("cover")
        is_archived = card.get("closed") is True or own_list.get("closed") is True
        if is_archived:
            extra["list"] = own_list.get("name")
        elif card.get("dueComplete") is True:
            extra["dueComplete"] = True
        yield Item(
            id=f"trello:{card.get('shortLink') or id}",
            title=card.get("name"),
            description=card.get("desc"),
            criteria=_criteria(checklists.get(id, [])),
            status="archived" if is_archived else own_list.get("name"),
            keep_status=not is_archived,
            assignees=people,
            labels=[name_of(label, "name", "color") for label in objects(card.get("labels"))],
            author=name_of(created.get("memberCreator"), "username", "fullName"),
            created=created.get("date") or boards.time_of_object_id(id),
            updated=card.get("dateLastActivity"),
            due=card.get("due"),
            links=[card.get("url"), *(one.get("url") for one in objects(card.get("attachments")))],
            comments=comments.get(id, []),
            archived=is_archived,
            extra=extra,
            place=f"cards[{number}]",
        )


def _criteria(checklists: list[JsonObject]) -> str:
    """Return the check lists as Markdown, each under its name if there are several."""
    return boards.checklists_to_markdown(
        (
            name_of(one, "name"),
            [
                (str(item.get("name") or ""), item.get("state") == "complete")
                for item in boards.by_position(objects(one.get("checkItems")))
            ],
        )
        for one in boards.by_position(checklists)
    )


def _comments_by_card(actions: list[JsonObject]) -> dict[str, list[Comment]]:
    """Return the comments of each card, oldest first; the export has the newest first."""
    comments: dict[str, list[Comment]] = {}
    for action in reversed(actions):
        data = object_of(action.get("data"))
        text = json_values.text(data.get("text"))
        if action.get("type") in {"commentCard", "copyCommentCard"} and text:
            author = name_of(action.get("memberCreator"), "username", "fullName")
            comment: Comment = {"text": text, "author": author, "created_at": action.get("date")}
            comments.setdefault(str(object_of(data.get("card")).get("id")), []).append(comment)
    return comments


def _creations_by_card(actions: list[JsonObject]) -> dict[str, JsonObject]:
    kinds = {"createCard", "copyCard", "convertToCardFromCheckItem", "emailCard"}
    return {
        str(object_of(object_of(action.get("data")).get("card")).get("id")): action
        for action in actions
        if action.get("type") in kinds
    }


def _custom_fields(card: JsonObject, names: dict[str, str | None]) -> dict[str, object]:
    """Return the values of custom fields by their names."""
    values: dict[str, object] = {}
    for item in objects(card.get("customFieldItems")):
        name = names.get(str(item.get("idCustomField")))
        value = object_of(item.get("value"))
        if name and value:
            values[name] = next(iter(value.values()))
    return values
