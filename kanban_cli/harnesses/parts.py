"""The parts of an installation: each changes one file of an agent program, and can remove what it has added.

A part gets the bytes of its file, or None if there is no such file, and returns them changed; None means that the file
is to be deleted. Raises CannotChange if the file can't be changed safely.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kanban_cli.harnesses import managed_block
from kanban_cli.harnesses.json_text import JsonText, NotJson, new_text

Value = object
_FOREIGN_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


class CannotChange(Exception):
    """The file can't be changed without risk for what it holds."""


class Part(Protocol):
    """What an installation adds to one file."""

    def install(self, file: bytes | None) -> bytes | None:
        """Return the file with the part; unchanged if it has it."""

    def remove(self, file: bytes | None) -> bytes | None:
        """Return the file without the part."""


@dataclass(frozen=True)
class Block:
    """A marked block of Markdown or TOML. A new file begins with `header`."""

    text: bytes
    marks: managed_block.Marks = managed_block.MARKDOWN
    header: bytes = b""

    def install(self, file: bytes | None) -> bytes | None:
        """Return the file with the block."""
        content = _readable(file or b"")
        try:
            changed = managed_block.insert_block(content or self.header, self.text, self.marks)
        except managed_block.UnpairedMarks as error:
            raise self._unpaired() from error
        if self.marks is managed_block.TOML:
            _check_toml(content, changed)
        return changed

    def remove(self, file: bytes | None) -> bytes | None:
        """Return the file without the block; None if it held nothing else."""
        if file is None:
            return None
        try:
            rest = managed_block.remove_block(_readable(file), self.marks)
        except managed_block.UnpairedMarks as error:
            raise self._unpaired() from error
        return rest if rest == file or rest not in {b"", self.header} else None

    def _unpaired(self) -> CannotChange:
        marks = f"{self.marks.begin.decode()} … {self.marks.end.decode()}"
        return CannotChange(f"it has only one of the two marks of the kanban block: {marks}")


@dataclass(frozen=True)
class OwnFile:
    """A file that is wholly ours."""

    text: bytes
    mark: bytes = b"kanban hook"
    """What the file of any version has in it; another file is not ours."""

    def install(self, file: bytes | None) -> bytes | None:
        """Return our text."""
        if file is not None and self.mark not in file:
            raise CannotChange("it is not a file of kanban")
        return self.text

    def remove(self, file: bytes | None) -> bytes | None:
        """Return None, if the file is ours."""
        return None if file is not None and self.mark in file else file


@dataclass(frozen=True)
class JsonMember:
    """A member of a JSON object, at a path of keys."""

    path: Sequence[str]
    value: Value

    def install(self, file: bytes | None) -> bytes | None:
        """Return the file with the member."""
        if file is None:
            value = self.value
            for key in reversed(self.path):
                value = {key: value}
            assert isinstance(value, dict)
            return new_text(value).encode()
        return _changed(file, lambda text: text.with_member(self.path, self.value))

    def remove(self, file: bytes | None) -> bytes | None:
        """Return the file without the member."""
        return None if file is None else _changed(file, lambda text: text.without_member(self.path))


@dataclass(frozen=True)
class JsonHooks:
    """Entries in the arrays of events, under the key `hooks`. `new` are the further members of a new file."""

    entries: Mapping[str, Value]
    """Event, by the program's name, to our entry."""
    is_ours: Callable[[Value], bool]
    """Whether an entry was made by kanban, also by another version."""
    new: Mapping[str, Value]

    def install(self, file: bytes | None) -> bytes | None:
        """Return the file with the entries."""
        if file is None:
            return new_text({"hooks": {event: [entry] for event, entry in self.entries.items()}, **self.new}).encode()
        return _changed(file, self._with_entries)

    def remove(self, file: bytes | None) -> bytes | None:
        """Return the file without the entries; None if kanban made it and nothing else is in it."""
        if file is None:
            return None
        rest = _changed(file, self._without_entries)
        return None if rest is not None and rest != file and self._is_what_was_new(file, rest) else rest

    def _is_what_was_new(self, file: bytes, rest: bytes) -> bool:
        """Whether only the members are left that a new file gets, in the place where a new file has them."""
        if not self.new or not _starts_with_hooks(file):
            return False
        return all(JsonText(rest.decode()).get(key) == value for key, value in self.new.items()) and rest.count(
            b":"
        ) == len(self.new)

    def _with_entries(self, text: JsonText) -> JsonText:
        present = self._ours(text)
        if present == {event: [entry] for event, entry in self.entries.items()}:
            return text
        text = self._without_entries(text)
        if text.text == "":
            return JsonText(new_text({"hooks": {event: [one] for event, one in self.entries.items()}, **self.new}))
        for event, entry in self.entries.items():
            text = text.with_item(["hooks", event], entry)
        return text

    def _without_entries(self, text: JsonText) -> JsonText:
        for event in self._ours(text):
            text = text.without_items(["hooks", event], self.is_ours)
        return text

    def _ours(self, text: JsonText) -> dict[str, list[Value]]:
        hooks = text.get("hooks") if text.text else None
        found = {
            event: [one for one in entries if self.is_ours(one)]
            for event, entries in (hooks.items() if isinstance(hooks, dict) else ())
            if isinstance(entries, list)
        }
        return {event: entries for event, entries in found.items() if entries}


def _changed(file: bytes, change: Callable[[JsonText], JsonText]) -> bytes | None:
    """Apply a change to the text of a file; the mark of UTF-8 stays. None if nothing is left."""
    content = _readable(file)
    mark = _UTF8_MARK if content.startswith(_UTF8_MARK) else b""
    try:
        text = JsonText(content[len(mark) :].decode())
        changed = change(text)
    except NotJson as error:
        raise CannotChange(f"it is no JSON that can be changed: {error}") from error
    if changed.text == text.text:
        return file
    return mark + changed.text.encode() if changed.text else None


def _readable(file: bytes) -> bytes:
    if file.startswith(_FOREIGN_MARKS) or b"\x00" in file:
        raise CannotChange("it is UTF-16 or binary; save it as UTF-8 first")
    try:
        file.decode()
    except UnicodeDecodeError as error:
        raise CannotChange("it is not UTF-8; save it as UTF-8 first") from error
    return file


def _starts_with_hooks(file: bytes) -> bool:
    return file.lstrip(b"{ \t\r\n").startswith(b'"hooks"')


def _check_toml(before: bytes, after: bytes) -> None:
    """Check that a block can be added. Raises CannotChange if the file has such a table already, or is broken."""
    try:
        tomllib.loads(before.decode())
    except ValueError as error:
        raise CannotChange(f"it is no valid TOML: {error}") from error
    try:
        tomllib.loads(after.decode())
    except ValueError as error:
        raise CannotChange(f"it already has a server named kanban: {error}") from error
