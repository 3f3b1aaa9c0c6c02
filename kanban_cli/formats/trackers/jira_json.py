"""Issues as Jira's REST API returns them: `{"issues": [...]}`, a list of pages, or a list of issues."""

from collections.abc import Iterator

from kanban_cli.formats import json_values
from kanban_cli.formats.item import Comment, Item, Meaning, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.trackers.atlassian_document import to_markdown

DEFAULT_AUTHOR = "jira"
MAPPED_FIELDS = frozenset(
    {"summary", "description", "status", "priority", "assignee", "reporter", "creator", "labels", "created", "updated"}
    | {
        "resolutiondate",
        "duedate",
        "parent",
        "issuelinks",
        "comment",
        "attachment",
        "subtasks",
        "statuscategorychangedate",
    }
    | {
        "issuetype",
        "resolution",
        "project",
        "votes",
        "watches",
        "progress",
        "aggregateprogress",
        "lastViewed",
        "workratio",
    }
)
"""Fields that are mapped below, or say nothing about the issue itself."""
CATEGORIES: dict[str, Meaning] = {"new": "todo", "indeterminate": "working", "done": "done"}


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the issues of a dump. Raises ParseError."""
    for number, issue in enumerate(find_issues(source.document)):
        yield _build_item(issue, number)


def find_issues(document: object) -> list[JsonObject]:
    """Return the issues of a document: of one page, of several, or of a plain list."""
    if isinstance(document, list):
        pages = [issue for page in objects(document) for issue in objects(page.get("issues"))]
        return pages or objects(document)
    return objects(object_of(document).get("issues"))


def _build_item(issue: JsonObject, number: int) -> Item:
    fields = object_of(issue.get("fields"))
    status = object_of(fields.get("status"))
    category = object_of(status.get("statusCategory")).get("key")
    names = {field: name_of(fields.get(field), "name") for field in ("issuetype", "resolution")}
    extra = {name: value for name, value in json_values.without(fields, MAPPED_FIELDS).items() if value}
    extra |= {name: value for name, value in names.items() if value}
    return Item(
        id=issue.get("key"),
        title=fields.get("summary"),
        description=to_markdown(fields.get("description")),
        status=status.get("name"),
        meaning=CATEGORIES.get(str(category)),
        priority=name_of(fields.get("priority"), "name"),
        assignees=[_person(fields.get("assignee"))],
        labels=json_values.texts(fields.get("labels")),
        author=_person(fields.get("reporter")) or _person(fields.get("creator")),
        created=fields.get("created"),
        updated=fields.get("updated"),
        finished=fields.get("resolutiondate"),
        due=fields.get("duedate"),
        links=[_browse_address(issue), *(one.get("content") for one in objects(fields.get("attachment")))],
        comments=[_comment(one) for one in objects(object_of(fields.get("comment")).get("comments"))],
        blocked_by=[key for link in objects(fields.get("issuelinks")) if (key := _blocker(link))],
        parent=object_of(fields.get("parent")).get("key"),
        extra=extra,
        aliases=[str(issue["id"])] if issue.get("id") else [],
        place=f"issues[{number}]",
    )


def _comment(comment: JsonObject) -> Comment:
    return {
        "text": to_markdown(comment.get("body")),
        "author": _person(comment.get("author")),
        "created_at": comment.get("created"),
    }


def _person(value: object) -> str | None:
    return name_of(value, "name", "displayName", "emailAddress", "accountId")


def _blocker(link: JsonObject) -> str | None:
    """Return the key of the issue that blocks this one; None for links of other kinds."""
    kind = object_of(link.get("type"))
    is_blocked = "blocked by" in str(kind.get("inward", "")).casefold()
    return name_of(link.get("inwardIssue"), "key") if is_blocked and "inwardIssue" in link else None


def _browse_address(issue: JsonObject) -> str | None:
    """Return the issue's page, whose server is that of its API address."""
    api = json_values.text(issue.get("self"))
    server, _, rest = (api or "").partition("/rest/api/")
    return f"{server}/browse/{issue.get('key')}" if rest else None
