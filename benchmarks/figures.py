"""Results: ratios first, then absolute figures, and whether the target is met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, NamedTuple


class Target(NamedTuple):
    """The value that a figure of a row has to reach."""

    figure: str
    sign: str
    """`≤` or `≥`."""
    value: float

    def met(self, value: float) -> bool:
        return value <= self.value if self.sign == "≤" else value >= self.value


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    what: str
    ratios: dict[str, float] = field(default_factory=dict)
    """Floor name to the ratio to it."""
    figures: dict[str, float] = field(default_factory=dict)
    """Absolute figures, by name and unit."""
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        return None if self.target is None else self.target.met({**self.ratios, **self.figures}[self.target.figure])

    def as_json(self) -> dict[str, Any]:
        target = None if self.target is None else self.target._asdict()
        return {**asdict(self), "target": target, "met": self.met}


def not_measured(reason: object, what: str = "") -> Row:
    """A row that says why there are no figures."""
    return Row(f"{what}not measured: {reason}")


def several(number: int, what: str) -> str:
    """Format a count: `1 client`, `1,000 clients`."""
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the value that `percent` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def paired(ours: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the ratios of paired rounds, which were measured right after each other."""
    return median(our / its for our, its in zip(ours, floor, strict=True))


def table(title: str, rows: Sequence[Row]) -> str:
    """Format the rows as a text table."""
    lines, texts = _cells(title, rows)
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index in texts else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown(title: str, rows: Sequence[Row]) -> str:
    """Format the rows as a Markdown table."""
    (head, *lines), texts = _cells(title, rows)
    rule = ["---" if index in texts else "---:" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def _cells(title: str, rows: Sequence[Row]) -> tuple[list[list[str]], set[int]]:
    """Return the lines of a table, heading first, and the columns that are no numbers."""
    ratios = list(dict.fromkeys(name for row in rows for name in row.ratios))
    figures = list(dict.fromkeys(name for row in rows for name in row.figures))
    lines = [[title, *(f"÷ {name}" for name in ratios), "target", "met", *figures]]
    for row in rows:
        target = ""
        if row.target is not None:
            divided = "÷ " if row.target.figure in row.ratios else ""
            target = f"{divided}{row.target.figure} {row.target.sign} {row.target.value:g}"
        met = {True: "yes", False: "NO", None: ""}[row.met]
        lines.append(
            [
                row.what,
                *(_ratio(row.ratios.get(name)) for name in ratios),
                target,
                met,
                *(_figure(row.figures.get(name)) for name in figures),
            ]
        )
    return lines, {0, len(ratios) + 1, len(ratios) + 2}


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _figure(value: float | None) -> str:
    return (
        "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    )
