"""Programs of Node: installed for one test from npm."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def npm_packages(folder: Path, *packages: str) -> Path:
    """Install packages into a folder; return the folder of their programs. Skips where Node or the registry is away."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node: no `node` and `npm` on the PATH")
    command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--silent", *packages]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        pytest.skip(f"npm could not install {', '.join(packages)}: {installed.stderr[-200:]}")
    return folder / "node_modules" / ".bin"
