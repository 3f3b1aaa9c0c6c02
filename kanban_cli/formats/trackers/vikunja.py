"""Vikunja's export: `data.json`, also in its zip archive: projects with tasks, or the tasks that its API lists."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source

DEFAULT_AUTHOR = "vikunja"
PRIORITIES = {5: "critical", 4: "critical", 3: "high", 2: "medium", 1: "low"}
NO_TIME = "0001-01-01T00:00:00Z"
KEPT_FIELDS = ("start_date", "end_date", "percent_done", "repeat_after", "reminders", "is_favorite", "identifier")


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the tasks of all projects. A bucket is a column. Raises ParseError."""
    document = source.document
    projects = objects(document) or [object_of(document)]
    if projects and "done" in projects[0]:  # tasks without a project
        projects = [{"tasks": document}]
    for number, project in enumerate(projects):
        yield from _read_project(project, f"[{number}]", several=len(projects) > 1)


def _read_project(project: JsonObject, place: str, *, several: bool) -> Iterator[Item]:
    buckets = {str(one.get("id")): name_of(one, "title") for one in objects(project.get("buckets"))}
    of_task = {str(one.get("task_id")): str(one.get("bucket_id")) for one in objects(project.get("task_buckets"))}
    title = name_of(project, "title")
    for number, task in enumerate(objects(project.get("tasks"))):
        item = _build_item(task, buckets.get(of_task.get(str(task.get("id"))) or str(task.get("bucket_id"))))
        item.place = f"{place}.tasks[{number}]"
        if several and title:
            item.extra["project"] = title
        yield item
    for name in ("child_projects", "lists", "projects"):
        for number, child in enumerate(objects(project.get(name))):
            yield from _read_project(child, f"{place}.{name}[{number}]", several=True)


def _build_item(task: JsonObject, bucket: str | None) -> Item:
    is_done = task.get("done") is True
    priority = task.get("priority")
    related = object_of(task.get("related_tasks"))
    extra = {name: task[name] for name in KEPT_FIELDS if task.get(name) and task[name] != NO_TIME}
    if is_done and bucket:
        extra["bucket"] = bucket
    return Item(
        id=f"vikunja:{task.get('id')}",
        title=task.get("title"),
        description=task.get("description"),
        status="done" if is_done else bucket or "open",
        keep_status=bool(bucket) and not is_done,
        priority=PRIORITIES.get(priority) if isinstance(priority, int) else None,
        assignees=[name_of(person, "username", "name") for person in objects(task.get("assignees"))],
        labels=[name_of(label, "title") for label in objects(task.get("labels"))],
        author=name_of(task.get("created_by"), "username", "name"),
        created=_time(task.get("created")),
        updated=_time(task.get("updated")),
        finished=_time(task.get("done_at")),
        due=_time(task.get("due_date")),
        comments=[_comment(one) for one in objects(task.get("comments")) if json_values.text(one.get("comment"))],
        blocked_by=[f"vikunja:{one.get('id')}" for one in objects(related.get("blocked"))],
        parent=next((f"vikunja:{one.get('id')}" for one in objects(related.get("parenttask"))), None),
        extra=extra,
    )


def _time(value: object) -> object:
    """Return a time; Vikunja writes the year 1 for none."""
    return None if value == NO_TIME else value


def _comment(comment: JsonObject) -> Comment:
    return {
        "text": str(comment["comment"]),
        "author": name_of(comment.get("author"), "username", "name"),
        "created_at": _time(comment.get("created")),
    }
