"""Task Master's `tasks.json`: tasks and subtasks, in one list or in a list for each tag."""

from collections.abc import Iterator, Mapping

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Item, Meaning, ReadOptions
from kanban_cli.formats.json_values import JsonObject, list_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.values import unique_id

DEFAULT_AUTHOR = "task-master"
DEFAULT_TAG = "master"
"""The tag of a file without tags; its name is no label."""
MEANINGS: dict[str, Meaning] = {
    "pending": "todo",
    "in-progress": "working",
    "review": "review",
    "blocked": "waiting",
    "deferred": "waiting",
    "done": "done",
    "completed": "done",
    "cancelled": "done",
}
MAPPED_FIELDS = frozenset(
    {"id", "title", "description", "details", "testStrategy", "status", "priority", "dependencies", "subtasks"}
    | {"assignee", "createdAt", "updatedAt", "parentTaskId", "parentId"}
)
PLAIN_STATUSES = frozenset({"pending", "in-progress", "done"})


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks of all tags. A subtask is a ticket whose parent is its task. Raises ParseError.

    Files have subtasks of one task with the same number; these are numbered."""
    used: set[str] = set()
    for tag, tasks, place in _task_lists(source.document):
        for number, task in enumerate(tasks):
            for item in _read_task(task, tag, f"{place}[{number}]", parent=None):
                is_subtask = item.parent is not None
                item.id = unique_id(str(item.id), used) if is_subtask else item.id
                yield item


def _task_lists(document: object) -> Iterator[tuple[str, list[JsonObject], str]]:
    """Yield each tag with its tasks and their place in the document."""
    values = object_of(document)
    if isinstance(values.get("tasks"), list):
        yield DEFAULT_TAG, objects(values["tasks"]), "tasks"
        return
    for tag, content in values.items():
        if isinstance(object_of(content).get("tasks"), list):
            yield tag, objects(object_of(content)["tasks"]), f"{tag}.tasks"


def _read_task(task: JsonObject, tag: str, place: str, *, parent: str | None) -> Iterator[Item]:
    number = str(task.get("id"))
    own = number if parent is None or number.startswith(f"{parent}.") else f"{parent}.{number}"
    status = json_values.text(task.get("status"))
    details = [text for text in map(json_values.text, (task.get("description"), task.get("details"))) if text]
    yield Item(
        id=_source_id(tag, own),
        title=task.get("title"),
        description="\n\n".join(details),
        criteria=task.get("testStrategy"),
        status=status,
        meaning=MEANINGS.get(status or ""),
        keep_status=status not in PLAIN_STATUSES,
        priority=task.get("priority"),
        assignees=[task.get("assignee")],
        labels=[] if tag == DEFAULT_TAG else [tag],
        created=task.get("createdAt"),
        updated=task.get("updatedAt"),
        blocked_by=[_source_id(tag, _absolute(one, parent)) for one in list_of(task.get("dependencies"))],
        parent=_source_id(tag, parent) if parent else None,
        extra=json_values.without(task, MAPPED_FIELDS),
        place=place,
    )
    for index, subtask in enumerate(objects(task.get("subtasks"))):
        yield from _read_task(subtask, tag, f"{place}.subtasks[{index}]", parent=own)


def _absolute(dependency: object, parent: str | None) -> str:
    """Return the number of a dependency: among subtasks a bare number is a sibling, `2.1` a subtask of task 2."""
    number = str(dependency)
    return number if parent is None or "." in number else f"{parent}.{number}"


def _source_id(tag: str, number: str) -> str:
    return f"taskmaster:{tag}:{number}"


def recognizes(document: Mapping[str, object]) -> bool:
    """Whether a document is a file of Task Master."""
    lists = [*_task_lists(document)]
    tasks = [task for _, tasks, _ in lists for task in tasks]
    return bool(lists) and all({"id", "title", "status"} <= task.keys() for task in tasks[:20])
