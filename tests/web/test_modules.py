"""The modules of the web board that need no page: their own tests, run by node with nothing installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import ROOT


def test_the_pure_modules_pass_their_own_tests(pytestconfig: pytest.Config) -> None:
    node = shutil.which("node")
    if node is None and pytestconfig.getoption("--browser"):
        pytest.fail("node is required, and none is on the PATH")
    if node is None:
        pytest.skip("node: none on the PATH")
    files = sorted(str(path) for path in (Path(__file__).parent / "modules").glob("*.test.js"))
    assert files
    done = subprocess.run([node, "--test", *files], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
