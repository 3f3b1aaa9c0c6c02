"""How many files may be on their way at a time: each takes a temporary file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from kanban_server.rules.problems import Refusal

SHARE = 4
"""One person, including their agents, may use at most 1/SHARE of all."""


class UploadLimit:
    """The uploads in progress, at most `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0
        self._count_by: Counter[int] = Counter()

    @contextmanager
    def upload(self, person_id: int | None) -> Iterator[None]:
        """Count one upload of a person, if known. Refused: `too-many-requests`."""
        share = max(1, self._limit // SHARE)
        if self._count >= self._limit or (person_id is not None and self._count_by[person_id] >= share):
            detail = "As many files are being sent as may be at a time."
            raise Refusal("too-many-requests", detail, fix="Send one after the other.", retry_after=2)
        self._count += 1
        if person_id is not None:
            self._count_by[person_id] += 1
        try:
            yield
        finally:
            self._count -= 1
            if person_id is not None:
                self._count_by[person_id] -= 1
