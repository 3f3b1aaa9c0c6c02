"""Shared by the exports of boards with lists, cards and check lists."""

from collections.abc import Iterable, Sequence

from kanban_cli.formats import dates
from kanban_cli.formats.json_values import JsonObject

_OBJECT_ID_CHARACTERS = 24


def group_by(entries: Iterable[JsonObject], field: str) -> dict[str, list[JsonObject]]:
    """Group objects by the text of one of their fields."""
    groups: dict[str, list[JsonObject]] = {}
    for entry in entries:
        groups.setdefault(str(entry.get(field)), []).append(entry)
    return groups


def by_position(entries: Sequence[JsonObject], field: str = "pos") -> list[JsonObject]:
    """Sort objects by their position; those without one keep their order, at the beginning."""

    def position(entry: JsonObject) -> float:
        value = entry.get(field)
        return value if isinstance(value, int | float) else 0

    return sorted(entries, key=position)


def checklists_to_markdown(checklists: Iterable[tuple[str | None, Sequence[tuple[str, bool]]]]) -> str:
    """Return check lists as Markdown, each with its name if there are several: `- [x] item`."""
    present = [(name, items) for name, items in checklists if items]
    parts = []
    for name, items in present:
        lines = [f"- [{'x' if is_done else ' '}] {' '.join(text.split())}" for text, is_done in items]
        parts += [*([f"**{name}**"] if name and len(present) > 1 else []), *lines]
    return "\n".join(parts)


def time_of_object_id(id: str) -> str | None:
    """Return the time at which a MongoDB object id was made; None if the id is none."""
    if len(id) != _OBJECT_ID_CHARACTERS:
        return None
    try:
        return dates.from_epoch(int(id[:8], 16))
    except ValueError:
        return None
