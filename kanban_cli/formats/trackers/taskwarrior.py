"""Taskwarrior's `task export`: a list of tasks, or one per line."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, Meaning, ReadOptions
from kanban_cli.formats.json_values import JsonObject, objects, texts
from kanban_cli.formats.source import Source

DEFAULT_AUTHOR = "taskwarrior"
PRIORITIES = {"H": "high", "M": "medium", "L": "low"}
MEANINGS: dict[str, Meaning] = {"pending": "todo", "waiting": "waiting", "completed": "done", "recurring": "todo"}
MAPPED_FIELDS = frozenset(
    {
        "id",
        "uuid",
        "description",
        "status",
        "entry",
        "modified",
        "end",
        "due",
        "tags",
        "priority",
        "depends",
        "annotations",
    }
    | {"urgency", "start", "mask", "imask", "parent"}
)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks. Deleted tasks and templates of recurring ones are counted. Raises ParseError."""
    for line, task in json_values.read_objects(source):
        status = task.get("status")
        if status == "deleted":
            options.skipped["tasks deleted there"] += 1
        elif status == "recurring":
            options.skipped["templates of recurring tasks"] += 1
        elif not json_values.text(task.get("uuid")):
            raise source.error(line, "the task has no `uuid`")
        else:
            item = _build_item(task)
            item.line = line
            yield item


def _build_item(task: JsonObject) -> Item:
    status = str(task.get("status"))
    is_started = status == "pending" and bool(task.get("start"))
    depends = task.get("depends")
    priority = task.get("priority")
    return Item(
        id=f"taskwarrior:{task['uuid']}",
        title=task.get("description"),
        status="started" if is_started else status,
        meaning="working" if is_started else MEANINGS.get(status),
        keep_status=status not in MEANINGS,
        priority=PRIORITIES.get(str(priority), priority),
        labels=texts(task.get("tags")),
        created=task.get("entry"),
        updated=task.get("modified"),
        finished=task.get("end"),
        due=task.get("due"),
        comments=[_comment(one) for one in objects(task.get("annotations"))],
        blocked_by=[
            f"taskwarrior:{one}" for one in (depends.split(",") if isinstance(depends, str) else texts(depends))
        ],
        extra=json_values.without(task, MAPPED_FIELDS),
    )


def _comment(annotation: JsonObject) -> Comment:
    return {"text": str(annotation.get("description") or ""), "created_at": annotation.get("entry")}
