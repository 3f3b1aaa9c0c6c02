"""Tags of what tickets need and users can, as people type them."""

from collections.abc import Mapping


def split_tags(text: str) -> list[str]:
    """Split tags at commas; an empty text has none."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def tags_of(typed: str | None, environment: Mapping[str, str]) -> list[str] | None:
    """Return the tags of --can, or of KANBAN_CAN; None if there is neither."""
    text = typed if typed is not None else environment.get("KANBAN_CAN")
    return split_tags(text) if text else None
