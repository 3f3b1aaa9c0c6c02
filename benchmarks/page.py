"""The page of all figures: one section per subject; sections that were not measured this time stay as they are."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Row, markdown
from benchmarks.servers import Plan

HEAD = """# Figures

Made by `scripts/benchmark --page docs/figures.md`. Ratios come first: each figure stands beside a floor that was
measured in the same run on the same machine, and only ratios mean anything elsewhere. What is measured, and how, says
[benchmarks/README.md](../benchmarks/README.md).
"""


def write(path: Path, plan: Plan, measured: Mapping[str, Sequence[Row]]) -> None:
    """Write the measured sections into the page."""
    old = path.read_text() if path.exists() else ""
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", old, re.DOTALL | re.MULTILINE))
    for subject, rows in measured.items():
        name = f"{subject}, PostgreSQL" if plan.postgres else subject
        sections[name] = f"\n{_when(plan)}\n\n{markdown(subject, rows)}\n\n"
    body = "".join(f"## {name}\n{text}" for name, text in sections.items())
    path.write_text(f"{HEAD}\n{body.rstrip()}\n")


def _when(plan: Plan) -> str:
    database = "PostgreSQL" if plan.postgres else f"SQLite {sqlite3.sqlite_version}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    short = ", short rounds" if plan.quick else ""
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {database}{short}."
