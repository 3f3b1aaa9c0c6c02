"""Work items of Azure DevOps, as its API and `az boards query` return them."""

from collections.abc import Iterator

from kanban_cli.formats.item import Item, ReadOptions
from kanban_cli.formats.json_values import JsonObject, name_of, object_of, objects
from kanban_cli.formats.source import Source
from kanban_cli.formats.tables.azure import PRIORITIES, person

DEFAULT_AUTHOR = "azure"
MAPPED_FIELDS = frozenset(
    {"System.Id", "System.Title", "System.Description", "System.State", "System.AssignedTo", "System.CreatedBy"}
    | {"System.CreatedDate", "System.ChangedDate", "System.Tags", "System.Parent", "System.Rev", "System.Watermark"}
    | {
        "System.CommentCount",
        "System.TeamProject",
        "Microsoft.VSTS.Common.Priority",
        "Microsoft.VSTS.Common.ClosedDate",
    }
    | {"Microsoft.VSTS.Common.AcceptanceCriteria", "Microsoft.VSTS.Scheduling.DueDate", "System.ChangedBy"}
    | {"Microsoft.VSTS.Common.StateChangeDate", "System.AuthorizedDate", "System.RevisedDate", "System.PersonId"}
)


def find_work_items(document: object) -> list[JsonObject]:
    """Return the work items of a document: a list, or the `value` or `workItems` of an answer."""
    values = object_of(document)
    return objects(document) or objects(values.get("value")) or objects(values.get("workItems"))


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Read the work items. Raises ParseError."""
    for number, work_item in enumerate(find_work_items(source.document)):
        fields = object_of(work_item.get("fields"))
        priority = fields.get("Microsoft.VSTS.Common.Priority")
        relations = objects(work_item.get("relations"))
        parent = fields.get("System.Parent") or next(iter(_related(relations, "Hierarchy-Reverse")), None)
        yield Item(
            id=work_item.get("id") or fields.get("System.Id"),
            title=fields.get("System.Title"),
            description=fields.get("System.Description"),
            criteria=fields.get("Microsoft.VSTS.Common.AcceptanceCriteria"),
            status=fields.get("System.State"),
            priority=PRIORITIES.get(str(priority), priority),
            assignees=[_person(fields.get("System.AssignedTo"))],
            labels=[tag.strip() for tag in str(fields.get("System.Tags") or "").split(";")],
            author=_person(fields.get("System.CreatedBy")),
            created=fields.get("System.CreatedDate"),
            updated=fields.get("System.ChangedDate"),
            finished=fields.get("Microsoft.VSTS.Common.ClosedDate"),
            due=fields.get("Microsoft.VSTS.Scheduling.DueDate"),
            links=[object_of(object_of(work_item.get("_links")).get("html")).get("href")],
            blocked_by=_related(relations, "Dependency-Reverse"),
            parent=str(parent) if parent else None,
            extra={name: value for name, value in fields.items() if name not in MAPPED_FIELDS and value},
            place=f"value[{number}]",
        )


def _related(relations: list[JsonObject], kind: str) -> list[str]:
    """Return the ids of the work items in relations of a kind."""
    urls = [str(one.get("url")) for one in relations if str(one.get("rel")).endswith(kind)]
    return [url.rpartition("/")[2] for url in urls]


def _person(value: object) -> object:
    return person(name_of(value, "displayName", "uniqueName"))
