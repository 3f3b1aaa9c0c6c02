"""Subjects of the benchmarks that need processes, PostgreSQL or control groups, as `python -m benchmarks` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.servers import POSTGRES, postgres_missing

ROOT = Path(__file__).parents[2]


def benchmark(*arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture
def postgres() -> str:
    if missing := postgres_missing():
        pytest.skip(f"PostgreSQL: {missing}")
    return POSTGRES


def measured(subject: str, postgres: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The rows of a quick run, by name."""
    file = folder / "figures.json"
    benchmark(subject, "--quick", "--no-downloads", "--postgres", postgres, "--json", str(file))
    return {row["what"]: row for row in orjson.loads(file.read_bytes())["subjects"][subject]}


def test_what_cannot_be_measured_is_a_row_with_its_reason() -> None:
    output = benchmark("quotas", "locks", "vacuum", "--quick")
    assert output.count("not measured: there is no --postgres") == 3


@pytest.mark.slow
@pytest.mark.postgres
def test_claims_compares_both_databases_and_names_the_settings(postgres: str, tmp_path: Path) -> None:
    rows = measured("claims", postgres, tmp_path)
    for workers in ("1 worker", "8 workers", "32 workers"):
        assert rows[f"cycles, SQLite, {workers}"]["figures"]["a second"] > 0
        assert rows[f"cycles, PostgreSQL, {workers}"]["ratios"]["SQLite"] > 0
    assert rows["cycles, PostgreSQL, 32 workers"]["target"] == {"figure": "SQLite", "sign": "≥", "value": 0.6}
    assert {"procrastinate: not measured: downloads are switched off"} <= rows.keys()
    assert any(name.startswith("on PostgreSQL ") and "synchronous_commit" in name for name in rows)


@pytest.mark.slow
@pytest.mark.postgres
def test_processor_tells_the_server_and_the_database_apart(postgres: str, tmp_path: Path) -> None:
    rows = measured("processor", postgres, tmp_path)
    for operation in ("a move", "a claim"):
        assert rows[f"{operation}, 32 clients, SQLite"]["figures"].keys() == {"server ms"}
        figures = rows[f"{operation}, 32 clients, PostgreSQL"]["figures"]
        assert figures.keys() == {"server ms", "database ms"}
        assert min(figures.values()) > 0
    assert rows["a move, 32 clients, PostgreSQL"]["target"]["value"] == 0.6


@pytest.mark.slow
@pytest.mark.postgres
def test_tails_have_one_rate_for_the_server_and_the_bare_endpoint(postgres: str, tmp_path: Path) -> None:
    rows = measured("tails", postgres, tmp_path)
    for database in ("SQLite", "PostgreSQL"):
        moves, floor = (
            rows[f"moves at half the peak, {database}"],
            rows[f"bare endpoint, at half the peak on {database}"],
        )
        assert moves["figures"]["a second"] == floor["figures"]["a second"]
        assert moves["figures"]["p50 ms"] <= moves["figures"]["p99 ms"] <= moves["figures"]["p99.9 ms"]


@pytest.mark.slow
@pytest.mark.postgres
def test_locks_counts_waiting_connections_with_one_instance_and_two(postgres: str, tmp_path: Path) -> None:
    rows = measured("locks", postgres, tmp_path)
    assert rows["moves on one board, 2 instances"]["ratios"]["1 instance"] > 0
    # Two instances take turns at the lock of the board, so a sample sees a connection that waits.
    assert rows["moves on one board, 2 instances"]["figures"]["connections waiting"] > 0


@pytest.mark.slow
@pytest.mark.postgres
def test_vacuum_sees_old_rows_grow_while_a_snapshot_is_held(postgres: str, tmp_path: Path) -> None:
    rows = measured("vacuum", postgres, tmp_path)
    names = ["before", "snapshot held for 1 s", "snapshot held for 3 s", "after", "later"]
    assert list(rows) == [f"moves, {name}" for name in names]
    held, before = (rows[f"moves, {name}"]["figures"] for name in ("snapshot held for 3 s", "before"))
    assert held["dead rows"] > before["dead rows"]


@pytest.mark.slow
@pytest.mark.postgres
def test_quotas_show_what_each_process_used_of_its_quota(postgres: str, tmp_path: Path) -> None:
    rows = measured("quotas", postgres, tmp_path)
    if (reason := next(iter(rows))).startswith("not measured: "):
        pytest.skip(reason)
    two = rows["moves on 8 boards, 2 instances"]
    assert two["target"] == {"figure": "1 instance", "sign": "≥", "value": 1.8}
    assert {"each added", "instances, % of quota", "database, %", "load, %"} <= two["figures"].keys()
    assert two["figures"]["instances, % of quota"] > 0
