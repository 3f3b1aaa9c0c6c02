"""The report of an import: totals over its requests, as text and as JSON."""

from collections import defaultdict
from typing import Any

from kanban_cli.formats.conversion import ParsedTicket
from kanban_cli.render.output import print_cells, print_json

SHOWN = 50
"""Reports that are printed, one per line; `--json` has all."""
KINDS = {
    "conflict": ("conflicts", "conflicts"),
    "held": ("held", "held by others"),
    "over-limit": ("over_limits", "columns over their limits"),
    "not-understood": ("not_understood", "not understood"),
}
"""Kind of a report to the name of its count in JSON, and to its text."""


class Summary:
    """The totals of an import."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(("created", "updated", "unchanged", "linked"), 0)
        self._ids: dict[str, int] = {}
        self._reports: list[dict[str, Any]] = []

    def add_unclear(self, one: ParsedTicket) -> None:
        """Add the fields of a ticket that a format did not understand; they are kept in `extra`."""
        for field, value in one.unclear.items():
            where = {"file": one.file, "line": one.line}
            report = {"source_id": one.ticket["source_id"], "fields": [field], "value": value, **where}
            self._add({"kind": "not-understood", **report})

    def add(self, answer: dict[str, Any]) -> None:
        """Add the result of a request."""
        for name in ("created", "updated", "unchanged"):
            self._counts[name] += answer[name]
        self._ids |= answer["ids"]
        for report in answer.get("reports", []):
            self._add(report)

    def add_linked(self, answer: dict[str, Any], sources: set[str]) -> None:
        """Add the result of a request that sent tickets again to link them to others."""
        self._counts["linked"] += answer["updated"]
        self._reports = [one for one in self._reports if not (one["source_id"] in sources and "reason" in one)]
        for report in answer.get("reports", []):
            self._add(report)

    def missing(self) -> dict[str, set[str]]:
        """Return the names of tickets that were not on the board, by the tickets that name them."""
        missing = defaultdict(set)
        for report in self._reports:
            if report.get("reason") == "missing":
                missing[report["source_id"]].add(report["value"])
        return missing

    def say(self, others: int, *, json: bool) -> None:
        """Print the report, with `json` as JSON; `others` is the number of files that are no tickets."""
        counts = {KINDS[kind][0]: len(self._of(kind)) for kind in KINDS}
        if json:
            more = {"linked": self._counts["linked"]} if self._counts["linked"] else {}
            skipped = {"skipped": others} if others else {}
            sums = {name: self._counts[name] for name in ("created", "updated", "unchanged")}
            print_json({**sums, "ids": self._ids, **more, **counts, "reports": self._reports, **skipped})
            return
        cells = [f"{self._counts[name]} {name}" for name in ("created", "updated", "unchanged")]
        cells += [] if any(self._counts[name] for name in ("created", "updated", "linked")) else ["nothing changed"]
        cells += [f"{self._counts['linked']} linked"] if self._counts["linked"] else []
        cells += [f"{len(self._of(kind))} {words}" for kind, (_, words) in KINDS.items() if self._of(kind)]
        print_cells(*cells, *([f"{others} files without front matter"] if others else []))
        for report in self._reports[:SHOWN]:
            print_cells(*_cells(report))
        if len(self._reports) > SHOWN:
            print_cells(f"and {len(self._reports) - SHOWN} more; --json has all")

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self._reports if one["kind"] == kind]

    def _add(self, report: dict[str, Any]) -> None:
        """Store a report once, without empty fields; of a column's reports only the newest."""
        slim = {name: value for name, value in report.items() if value not in (None, [], False) or name == "source_id"}
        if slim["kind"] == "over-limit":
            self._reports = [one for one in self._reports if one.get("column") != slim["column"]]
        if slim not in self._reports:
            self._reports.append(slim)


def _cells(report: dict[str, Any]) -> list[str]:
    """Return a report as the cells of a line."""
    if report["kind"] == "over-limit":
        return ["over limit", report["column"], f"{report['count']} of at most {report['limit']}"]
    cells = [report["kind"].replace("-", " "), report["source_id"], ", ".join(report["fields"])]
    if "value" in report:
        cells.append(str(report["value"]))
    if "held_by" in report:
        cells.append(f"held by {report['held_by']}")
    if "file" in report:
        cells.append(f"{report['file']}, line {report['line']}")
    words = {"missing": "not on the board", "cycle": "would close a cycle", "too-many": "one too many"}
    reason = words.get(report.get("reason", ""))
    state = f"{report['state']} here" if "state" in report else None
    return [*cells, *filter(None, [reason, state, "taken from the source" if report.get("taken") else None])]
