"""Changes in the text of a JSON file, with or without comments. Every other byte stays as it is.

What is inserted tells how it was inserted, so that removing it restores the text: an item of a container that was
empty stands directly behind the bracket, and a container that was made for an item does not.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Value = object
"""What JSON can hold."""
_SCALAR = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null')
_GAP = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*[\s\S]*?\*/)*")


class NotJson(ValueError):
    """The text is no JSON that can be changed."""


@dataclass
class Node:
    """A value in the text, from `start` to `end`. An object has `keys` for its `items`."""

    start: int
    end: int = 0
    kind: str = "scalar"
    keys: list[str] = field(default_factory=list)
    key_starts: list[int] = field(default_factory=list)
    items: "list[Node]" = field(default_factory=list)

    def begin_of(self, index: int) -> int:
        """Where an item begins, with its key."""
        return self.key_starts[index] if self.kind == "object" else self.items[index].start


class JsonText:
    """The text of a JSON file. Each change returns a new one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root, end = _parse(text, _skip(text, 0))
        if _skip(text, end) != len(text):
            raise NotJson(f"there is more after the value, at character {end}")
        self._newline = "\r\n" if re.search(r"\r?\n", text + "\n")[0] == "\r\n" else "\n"  # type: ignore[index]
        found = re.search(r'\n([ \t]+)["\]}]', text)
        self._unit = found[1] if found else "  "

    def get(self, *path: str) -> Value:
        """Return the value at a path of keys; None if there is none."""
        node = self._find(path)
        return None if node is None else self._value(node)

    def with_member(self, path: Sequence[str], value: Value) -> "JsonText":
        """Return the text with a member of an object, whose containers are made if they are missing."""
        *parents, key = path
        if self._find(path) is not None:
            if self.get(*path) == value:
                return self
            return self.without_member(path).with_member(path, value)
        return self._insert(parents, value, key)

    def with_item(self, path: Sequence[str], value: Value) -> "JsonText":
        """Return the text with an item at the end of an array, which is made if it is missing."""
        return self._insert(path, value, None)

    def without_member(self, path: Sequence[str]) -> "JsonText":
        """Return the text without a member and the containers that were made for it; empty if nothing is left."""
        *parents, key = path
        container = self._find(parents)
        if container is None or key not in container.keys:
            return self
        return self._without(parents, container.keys.index(key))

    def without_items(self, path: Sequence[str], is_ours: Callable[[Value], bool]) -> "JsonText":
        """Return the text without some items of an array, and without the containers that were made for them."""
        array = self._find(path)
        for index, item in enumerate(array.items if array is not None and array.kind == "array" else []):
            if is_ours(self._value(item)):
                return self._without(path, index).without_items(path, is_ours)
        return self

    def _find(self, path: Sequence[str]) -> Node | None:
        node: Node | None = self.root
        for key in path:
            if node is None or node.kind != "object":
                return None
            node = node.items[node.keys.index(key)] if key in node.keys else None
        return node

    def _value(self, node: Node) -> Value:
        if node.kind == "object":
            return {key: self._value(item) for key, item in zip(node.keys, node.items, strict=True)}
        if node.kind == "array":
            return [self._value(item) for item in node.items]
        return json.loads(self.text[node.start : node.end])

    def _insert(self, path: Sequence[str], value: Value, key: str | None) -> "JsonText":
        """Insert into the container at a path, or with all containers that are missing into the last that is there."""
        depth = len(path)
        while (container := self._find(path[:depth])) is None:
            depth -= 1
        for missing in reversed(path[depth:]):
            value = [value] if key is None else {key: value}
            key = missing
        if container.kind != ("array" if key is None else "object"):
            name = ".".join(path[:depth]) or "the file"
            raise NotJson(f"{name} is no {'array' if key is None else 'object'}")
        prefix = "" if key is None else f"{json.dumps(key)}: "
        if not container.items:
            return JsonText(self._replaced(container.start + 1, container.start + 1, prefix + _compact(value)))
        indent = self._unit * (depth + 1)
        pretty = json.dumps(value, indent=self._unit, ensure_ascii=False).replace("\n", self._newline + indent)
        end = container.items[-1].end
        return JsonText(self._replaced(end, end, f",{self._newline}{indent}{prefix}{pretty}"))

    def _without(self, path: Sequence[str], index: int) -> "JsonText":
        container = self._find(path)
        assert container is not None
        begin, end = container.begin_of(index), container.items[index].end
        if len(container.items) == 1:
            around = self.text[container.start + 1 : begin] + self.text[end : container.end - 1]
            if begin == container.start + 1 or around.strip(" \t\r\n,"):
                return JsonText(self._replaced(begin, end, ""))
            if not path:
                return _NOTHING
            parent = self._find(path[:-1])
            assert parent is not None
            return self._without(path[:-1], parent.keys.index(path[-1]))
        if index == 0:
            following = container.begin_of(1)
            between = self.text[end:following]
            cut = following if not between.strip(" \t\r\n,") else end + between.index(",") + 1
            return JsonText(self._replaced(begin, cut, ""))
        before = container.items[index - 1].end
        between = self.text[before:begin]
        if not between.strip(" \t\r\n,"):
            return JsonText(self._replaced(before, end, ""))
        comma = before + _comma(between)
        return JsonText(self.text[:comma] + self.text[comma + 1 : begin].rstrip(" \t\r\n") + self.text[end:])

    def _replaced(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]


def new_text(value: Mapping[str, Value]) -> str:
    """Return the text of a new file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _compact(value: Value) -> str:
    """Encode on one line, with a space behind each bracket: it says that the container is new."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)}: {_compact(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[ " + ", ".join(map(_compact, value)) + " ]"
    return json.dumps(value, ensure_ascii=False)


def _skip(text: str, position: int) -> int:
    found = _GAP.match(text, position)
    return found.end() if found else position


def _comma(between: str) -> int:
    """Return the position of the comma, which may stand behind comments that contain others."""
    position = _skip(between, 0)
    return position if between[position : position + 1] == "," else between.index(",")


def _parse(text: str, start: int) -> tuple[Node, int]:
    node = Node(start)
    first = text[start : start + 1]
    if first not in {"{", "["}:
        found = _SCALAR.match(text, start)
        if not found:
            raise NotJson(f"no value at character {start}")
        node.end = found.end()
        return node, node.end
    node.kind, closing = ("object", "}") if first == "{" else ("array", "]")
    position = _skip(text, start + 1)
    while text[position : position + 1] != closing:
        if node.kind == "object":
            key = _SCALAR.match(text, position)
            if not key or not key[0].startswith('"'):
                raise NotJson(f"no key at character {position}")
            node.keys.append(json.loads(key[0]))
            node.key_starts.append(position)
            position = _skip(text, key.end())
            if text[position : position + 1] != ":":
                raise NotJson(f"no colon at character {position}")
            position = _skip(text, position + 1)
        item, position = _parse(text, position)
        node.items.append(item)
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        elif text[position : position + 1] != closing:
            raise NotJson(f"neither a comma nor {closing} at character {position}")
    if len(set(node.keys)) != len(node.keys):
        raise NotJson(f"a key is twice in the object at character {start}")
    node.end = position + 1
    return node, node.end


class _Nothing(JsonText):
    """What is left of a file that held nothing else."""

    def __init__(self) -> None:
        self.text = ""
        self.root = Node(0, kind="object")

    def without_items(self, path: Sequence[str], is_ours: Callable[[Value], bool]) -> JsonText:
        """Return the same."""
        return self


_NOTHING = _Nothing()
