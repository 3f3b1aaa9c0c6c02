"""How a dataclass is read from JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self, TypeAlias, TypeVar

T = TypeVar("T")

JsonObject: TypeAlias = Mapping[str, object]
"""A decoded JSON object whose members are not checked yet."""

Reader: TypeAlias = Callable[[Any], T]
"""Reads a decoded JSON value. Raises TypeError, KeyError, ValueError or AttributeError if the value is malformed."""


class Shape:
    """A dataclass that crosses the network.

    Fields of the JSON object that the class does not know are ignored; fields that are absent keep their defaults.
    """

    READERS: ClassVar[Mapping[str, Reader[object]]] = {}
    """The readers of the fields that are more than plain JSON values. Null is not passed to them, and stays None.

    A subclass sets it without an annotation: an annotated one would be among its `__dataclass_fields__`.
    """

    @classmethod
    def read(cls, data: JsonObject) -> Self:
        """Read the object from decoded JSON. Raises TypeError if a field without a default is missing."""
        known, readers = cls.__dict__["__dataclass_fields__"], cls.READERS
        fields = {name: value for name, value in data.items() if name in known}
        for name, read in readers.items():
            value = fields.get(name)
            if value is not None:
                fields[name] = read(value)
        return cls(**fields)

    @classmethod
    def of(cls, **fields: object) -> Self:
        """The object with these fields: the same as the constructor, in a tenth of its time.

        All fields must be set, except those that the JSON omits.
        """
        made = object.__new__(cls)
        made.__dict__.update(fields)
        return made

    def but(self, **changed: object) -> Self:
        """A copy with these fields changed: like `dataclasses.replace`, in a seventh of its time for a ticket."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changed)
        return copy

    def without(self, name: str) -> Self:
        """A copy without a field: it reads as its default, and is omitted from the JSON."""
        copy = object.__new__(type(self))
        copy.__dict__.update({field: value for field, value in self.__dict__.items() if field != name})
        return copy


def readers(**by_field: Reader[object]) -> Mapping[str, Reader[object]]:
    """The readers of some fields, by name."""
    return by_field


def list_of(read: Reader[T]) -> Reader[list[T]]:
    """A reader of lists whose items `read` reads."""

    def read_list(items: Iterable[object]) -> list[T]:
        return [read(item) for item in items]

    return read_list
