"""Extract code blocks of a document and run them unchanged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.servers import clean_environment

ROOT = Path(__file__).parents[2]


def blocks(document: str, language: str, *, heading: str | None = None) -> list[str]:
    """Return the code blocks of one language in a document, or in one of its sections."""
    text = (ROOT / document).read_text()
    if heading is not None:
        text = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def shell(commands: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run commands in a shell; the first that fails ends it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return _run(["bash", "-euc", commands], folder, PATH=path, HOME=str(folder), **environment)


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program."""
    return _run([sys.executable, "-c", code], folder, **environment)


def _run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
