"""Tags of what tickets need and users can, as people type them."""


def split_tags(text: str) -> list[str]:
    """Split tags at commas; an empty text has none."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]
