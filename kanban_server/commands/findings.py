"""What the checks of `doctor` find."""

from __future__ import annotations

import json
from dataclasses import dataclass

LEVELS = ("ok", "hint", "warning", "bad")
"""From "nothing to do" to "will fail"."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    level: str
    message: str
    fix: str | None = None

    def json(self) -> str:
        """The finding as a JSON line."""
        return json.dumps({"name": self.name, "level": self.level, "message": self.message, "fix": self.fix})


def counted(count: int, what: str) -> str:
    """A number of things, as in `1 file` and `2 files`."""
    return f"{count} {what}" if count == 1 else f"{count:,} {what}s"
