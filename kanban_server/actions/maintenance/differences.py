"""What differs on one board between its log, its rows, and its counts and indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Differences:
    """The differences on one board. Tickets are listed by id, columns and fields by name."""

    board_id: int
    name: str
    deleted: bool = False
    lost: int = 0
    """How many seqs of the log have no event."""
    ahead: int = 0
    """How many events come after the board row's seq."""
    board: list[str] = field(default_factory=list)
    """Fields of the board that differ from its log."""
    tickets: list[int] = field(default_factory=list)
    """Tickets that differ from the log."""
    derived: list[int] = field(default_factory=list)
    """Tickets whose stored counts, dependencies or sort keys are not the derived ones."""
    labels: list[int] = field(default_factory=list)
    search: list[int] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    """Columns with wrong ticket counts."""

    def messages(self) -> list[str]:
        """The differences as text; empty if there are none."""
        messages = [f"{self.lost} events are missing in its log"] if self.lost else []
        messages += [f"its log is {self.ahead} events further than its row says"] if self.ahead else []
        templates = (
            ("its log tells other values of its {}", self.board),
            ("its log tells something else of tickets {}", self.tickets),
            ("the counts of tickets {} are wrong", self.derived),
            ("the label index is wrong for tickets {}", self.labels),
            ("the search index is wrong for tickets {}", self.search),
            ("the counts of columns {} are wrong", self.counts),
        )
        return messages + [words.format(_join_some(which)) for words, which in templates if which]

    def count_by_kind(self) -> dict[str, int]:
        """How many differences there are of each kind, without zeros."""
        fields = ("board", "tickets", "derived", "labels", "search", "counts")
        counts = {"lost": self.lost, "ahead": self.ahead} | {name: len(getattr(self, name)) for name in fields}
        return {name: number for name, number in counts.items() if number}


def _join_some(items: Sequence[object], limit: int = 10) -> str:
    text = ", ".join(map(str, items[:limit]))
    return f"{text} and {len(items) - limit} more" if len(items) > limit else text
