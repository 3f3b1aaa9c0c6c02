"""Environments of peers: a virtual environment or an npm prefix each, in a cache folder. Nothing else is changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.machine import Missing

INSTALL_SECONDS = 600
READY = ".installed"


def python(cache: Path, package: str) -> Path:
    """Install the newest version from PyPI; return the folder of its programs. Raises Missing."""

    def install(folder: Path) -> None:
        _run(package, [sys.executable, "-m", "venv", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        _run(package, [*pip, package])

    return _once(cache, f"python-{package}", install) / "bin"


def npm(cache: Path, package: str) -> Path:
    """Install the newest version from npm; return the folder of its programs. Raises Missing."""
    if shutil.which("npm") is None:
        raise Missing("npm is not installed here")

    def install(folder: Path) -> None:
        options = ["--no-audit", "--no-fund", "--ignore-scripts"]
        _run(package, ["npm", "install", *options, "--prefix", str(folder), package])

    return _once(cache, f"npm-{package}", install) / "node_modules" / ".bin"


def _once(cache: Path, name: str, install: Callable[[Path], None]) -> Path:
    """A folder that an earlier run has filled is used again."""
    folder = cache / name
    if not (folder / READY).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        (folder / READY).touch()
    return folder


def _run(package: str, command: Sequence[str]) -> None:
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{package} was not installed within {INSTALL_SECONDS} s") from error
    if process.returncode != 0:
        errors = [line for line in process.stderr.splitlines() if "error" in line.lower()]
        reason = "; ".join(line.strip() for line in errors[:2]) or "no reason was printed"
        raise Missing(f"{package} can't be installed: {reason}")
