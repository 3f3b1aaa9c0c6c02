"""What the benchmarks read from the machine: processor times, and control groups with quotas."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.machine import Missing
from benchmarks.machine.groups import group
from benchmarks.machine.processes import processor_seconds, require_proc, tree

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT_OF_BOTH = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN!r}], check=True)
running = subprocess.Popen([sys.executable, "-c", {BURN + "print(flush=True); input()"!r}], stdin=subprocess.PIPE)
sys.stdin.read()
running.communicate()
"""


def test_the_processor_time_of_a_process_contains_its_children_running_and_ended() -> None:
    try:
        require_proc()
    except Missing as reason:
        pytest.skip(str(reason))
    command = [sys.executable, "-c", PARENT_OF_BOTH]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # both have used their 0.3 seconds
        assert len(tree(process.pid)) == 2
        assert processor_seconds(process.pid) >= 0.58  # each is rounded down to 10 ms
        assert processor_seconds(process.pid, below=False) < processor_seconds(process.pid)


def test_a_control_group_limits_a_process_and_is_gone_after_the_block() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        try:
            with group("test", 0.25) as limited:
                limited.add(process.pid)
                assert str(process.pid) in (limited.folder / "cgroup.procs").read_text().split()
                settings = [limited.folder / name for name in ("cpu.cfs_quota_us", "cpu.max")]
                assert next(file for file in settings if file.exists()).read_text().split()[0] == "2500"
                process.communicate(b"\n")
        except Missing as reason:
            process.kill()
            pytest.skip(str(reason))
    assert not limited.folder.exists()
