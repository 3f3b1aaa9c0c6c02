"""Atlassian's document format, in which Jira's API returns texts, as Markdown."""

from kanban_cli.formats.json_values import JsonObject, object_of, objects

MARKS = {"strong": "**", "em": "*", "code": "`", "strike": "~~"}
MAX_DEPTH = 50


def to_markdown(value: object) -> str:
    """Return a document as Markdown; a text unchanged; `""` for any other value. Unknown nodes become their texts."""
    if isinstance(value, str):
        return value
    return "\n\n".join(filter(None, (_block(node, 0) for node in objects(object_of(value).get("content")))))


def _block(node: JsonObject, depth: int) -> str:
    kind = node.get("type")
    content = objects(node.get("content"))
    attributes = object_of(node.get("attrs"))
    if depth > MAX_DEPTH:
        return ""
    if kind in {"bulletList", "orderedList", "taskList"}:
        return "\n".join(_list_item(item, number, str(kind), depth) for number, item in enumerate(content, 1))
    if kind == "heading":
        level = attributes.get("level")
        return f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 1)} {_inline(content)}"
    if kind == "codeBlock":
        return f"```{attributes.get('language') or ''}\n{_inline(content)}\n```"
    if kind == "blockquote":
        return "\n".join(f"> {line}" for line in _blocks(content, depth).split("\n"))
    if kind == "rule":
        return "---"
    if kind in {"tableRow", "table"} or any("content" in child for child in content):
        separator = " | " if kind == "tableRow" else "\n" if kind == "table" else "\n\n"
        return separator.join(filter(None, (_block(child, depth + 1) for child in content)))
    return _inline(content or [node])


def _blocks(content: list[JsonObject], depth: int) -> str:
    return "\n\n".join(filter(None, (_block(child, depth + 1) for child in content)))


def _list_item(item: JsonObject, number: int, kind: str, depth: int) -> str:
    is_done = object_of(item.get("attrs")).get("state") == "DONE"
    sign = {"orderedList": f"{number}.", "taskList": f"- [{'x' if is_done else ' '}]"}.get(kind, "-")
    children = objects(item.get("content"))
    has_blocks = any("content" in child for child in children)
    text = (
        "\n".join(filter(None, (_block(child, depth + 1) for child in children))) if has_blocks else _inline(children)
    )
    return f"{sign} {text}".replace("\n", "\n  ")


def _inline(content: list[JsonObject]) -> str:
    return "".join(map(_text, content))


def _text(node: JsonObject) -> str:
    attributes = object_of(node.get("attrs"))
    kind = node.get("type")
    if kind == "hardBreak":
        return "\n"
    if kind in {"mention", "emoji", "status"}:
        return str(attributes.get("text") or attributes.get("shortName") or "")
    if kind == "inlineCard":
        return str(attributes.get("url") or "")
    text = str(node.get("text") or "")
    for mark in objects(node.get("marks")):
        if mark.get("type") == "link":
            text = f"[{text}]({object_of(mark.get('attrs')).get('href')})"
        elif sign := MARKS.get(str(mark.get("type"))):
            text = f"{sign}{text}{sign}"
    return text
