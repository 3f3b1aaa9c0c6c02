"""Build the package, install it, and run what was installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.servers import clean_environment

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
PATIENCE = 600


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed; return its stdout."""
    process = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert process.returncode == 0, f"{command}: {process.stdout[-2000:]}{process.stderr[-2000:]}"
    return process.stdout


def build(source: Path, folder: Path, kind: str) -> Path:
    """Build the wheel or the sdist of a source tree, each from the tree alone; return the file."""
    run(PROGRAMS / "python", "-m", "build", f"--{kind}", "--outdir", folder, source, cwd=folder)
    [path] = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return path


def checkout(commit: str, folder: Path) -> Path:
    """The files of an earlier commit of this repository."""
    git = shutil.which("git")
    assert git is not None
    archive = subprocess.run([git, "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    folder.mkdir()
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    return folder


def venv_with(package: str | Path, folder: Path) -> Path:
    """Create a virtual environment with a package; return the folder of its programs."""
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    programs = folder / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", package, cwd=folder.parent)
    return programs
