"""How a dataclass is read from JSON."""

from __future__ import annotations

from typing import Any, Self


class Shape:
    """A dataclass that crosses the network.

    Fields of the JSON object that the class does not know are ignored; fields that are absent keep their defaults.
    """

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The object as it stands in decoded JSON."""
        known: dict[str, Any] = cls.__dataclass_fields__  # type: ignore[attr-defined]
        return cls(**{name: value for name, value in data.items() if name in known})

    def but(self, **changed: Any) -> Self:
        """The same, but for these fields: what `dataclasses.replace` does, in a seventh of its time for a ticket."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changed)
        return copy
