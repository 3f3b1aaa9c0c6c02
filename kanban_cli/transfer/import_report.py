"""The report of an import: totals over its requests, as text and as JSON."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import cast

from kanban_cli.formats.ticket import Place, Unclear
from kanban_cli.render.output import print_cells, print_json
from kanban_sdk.wire.slim import slim

SHOWN = 50
"""Reports that are printed, one per line; `--json` has all."""
KINDS = {
    "conflict": ("conflicts", "conflicts"),
    "held": ("held", "held by others"),
    "over-limit": ("over_limits", "columns over their limits"),
    "not-understood": ("not_understood", "not understood"),
}
"""Kind of a report to the name of its count in JSON, and to its text."""
REASONS = {
    "missing": "not on the board",
    "cycle": "would close a cycle",
    "too-many": "one too many",
    "ambiguous-date": "day or month first? --dates dmy or --dates mdy",
}
"""Reason of a report to its text."""

Report = Mapping[str, object]


class Summary:
    """The totals of an import. `skipped` counts what was no ticket, by what it was."""

    def __init__(self, format_name: str, skipped: Mapping[str, int]) -> None:
        self._format = format_name
        self._skipped = skipped
        self._counts = dict.fromkeys(("created", "updated", "unchanged", "linked"), 0)
        self.ids: dict[str, int] = {}
        """The ids on the board, by `source_id`."""
        self.files = 0
        """How many files were attached."""
        self._reports: dict[str, Report] = {}
        """The reports by their contents, so that each is there once."""

    def add_unclear(self, source_id: str, unclear: Unclear, place: Place) -> None:
        """Add a value that a format did not understand; it is kept in `extra`."""
        where = {"file": place.file, **({"place": place.place} if place.place else {"line": place.line})}
        report = {"source_id": source_id, "fields": [unclear["field"]], "value": unclear["value"], **where}
        self._add({"kind": "not-understood", **report, "reason": unclear.get("reason")})

    def add(self, answer: Mapping[str, object]) -> None:
        """Add the result of a request."""
        for name in ("created", "updated", "unchanged"):
            self._counts[name] += cast("int", answer[name])
        self.ids |= cast("dict[str, int]", answer["ids"])
        self._add_all(answer)

    def add_linked(self, answer: Mapping[str, object], sources: set[str]) -> None:
        """Add the result of a request that sent tickets again to link them to others."""
        self._counts["linked"] += cast("int", answer["updated"])
        self._reports = {
            key: report
            for key, report in self._reports.items()
            if not (report["source_id"] in sources and report.get("reason") in {"missing", "cycle", "too-many"})
        }
        self._add_all(answer)

    def missing(self) -> dict[str, set[str]]:
        """Return the names of tickets that were not on the board, by the tickets that name them."""
        missing = defaultdict(set)
        for report in self._reports.values():
            if report.get("reason") == "missing":
                missing[str(report["source_id"])].add(str(report["value"]))
        return missing

    def print(self, *, json: bool) -> None:
        """Print the report."""
        if json:
            linked = {"linked": self._counts["linked"]} if self._counts["linked"] else {}
            linked |= {"files": self.files} if self.files else {}
            totals = {name: self._counts[name] for name in ("created", "updated", "unchanged")}
            print_json(slim({**totals, "ids": self.ids, **linked, **self._details()}))
            return
        cells = [f"{self._counts[name]} {name}" for name in ("created", "updated", "unchanged")]
        cells += [] if any(self._counts[name] for name in ("created", "updated", "linked")) else ["nothing changed"]
        cells += [f"{self._counts['linked']} linked"] if self._counts["linked"] else []
        cells += [f"{self.files} files attached"] if self.files else []
        self._print_text(cells)

    def print_preview(self, columns: Mapping[str, int], *, json: bool) -> None:
        """Print what an import would send: how many tickets go to each column."""
        count = sum(columns.values())
        if json:
            print_json(slim({"tickets": count, "columns": columns, **self._details()}))
            return
        self._print_text([f"{count} tickets", *(f"{number} in {name}" for name, number in columns.items())])

    def print_own(self, count: int, *, json: bool) -> None:
        """Print that a file is the board's own export, so that nothing is to be imported."""
        if json:
            none = {"created": 0, "updated": 0, "unchanged": count, "ids": {}, "own": True}
            print_json(slim({**none, **self._details()}))
            return
        cells = ["0 created", "0 updated", f"{count} unchanged", "nothing changed", "this board's own export"]
        self._print_text(cells)

    def _details(self) -> dict[str, object]:
        counts = {KINDS[kind][0]: len(self._of(kind)) for kind in KINDS}
        skipped = dict(self._skipped)
        others = {"skipped": sum(skipped.values()), "skipped_kinds": skipped} if skipped else {}
        return {"format": self._format, **counts, "reports": [*self._reports.values()], **others}

    def _print_text(self, cells: Iterable[str]) -> None:
        kinds = [f"{len(self._of(kind))} {words}" for kind, (_, words) in KINDS.items() if self._of(kind)]
        print_cells(*cells, *kinds, *(f"{count} {kind}" for kind, count in self._skipped.items()))
        for report in [*self._reports.values()][:SHOWN]:
            print_cells(*_cells(report))
        if len(self._reports) > SHOWN:
            print_cells(f"and {len(self._reports) - SHOWN} more; --json has all")

    def _of(self, kind: str) -> list[Report]:
        return [one for one in self._reports.values() if one["kind"] == kind]

    def _add_all(self, answer: Mapping[str, object]) -> None:
        for report in cast("list[Report]", answer.get("reports", [])):
            self._add(report)

    def _add(self, report: Report) -> None:
        """Store a report once, without empty fields; of a column's reports only the newest."""
        short = {name: value for name, value in report.items() if value not in (None, [], False) or name == "source_id"}
        key = f"column {short['column']}" if short["kind"] == "over-limit" else repr(short)
        self._reports[key] = short


def _cells(report: Report) -> list[str]:
    """Return a report as the cells of a line."""
    if report["kind"] == "over-limit":
        return ["over limit", str(report["column"]), f"{report['count']} of at most {report['limit']}"]
    fields = ", ".join(map(str, cast("list[str]", report["fields"])))
    cells = [str(report["kind"]).replace("-", " "), str(report["source_id"]), fields]
    if "value" in report:
        cells.append(str(report["value"]))
    if "held_by" in report:
        cells.append(f"held by {report['held_by']}")
    if "file" in report:
        line, place = cast("int", report.get("line", 1)), str(report.get("place", ""))
        cells.append(str(Place(str(report["file"]), line, place)))
    reason = REASONS.get(str(report.get("reason", "")))
    state = f"{report['state']} here" if "state" in report else None
    return [*cells, *filter(None, [reason, state, "taken from the source" if report.get("taken") else None])]
