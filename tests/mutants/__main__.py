"""Break the code on purpose in a copy of the tree, run the tests that must notice it, and tell which mutants lived.

The patches of this folder, one or more a promise; or, with `--sample`, mutants that a library makes (`sampling.py`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE = 600
NO_TESTS_RAN = {2, 3, 4, 5}
"""pytest's exit codes for anything but passed and failed: they prove nothing."""


@dataclass(frozen=True)
class Mutant:
    """A patch and its header."""

    path: Path
    promise: str
    breaks: str
    tests: list[str]
    """Arguments for pytest: files and options."""

    @classmethod
    def read(cls, path: Path) -> Mutant:
        """Read the mutant of a patch. Raises ValueError if its header is incomplete."""
        head = dict(
            line.split(": ", 1) for line in path.read_text().partition("\ndiff ")[0].splitlines() if ": " in line
        )
        try:
            return cls(path, head["Promise"], head["Breaks"], head["Tests"].split())
        except KeyError as missing:
            raise ValueError(f"{path.name} does not say {missing}") from missing


def mutants() -> list[Mutant]:
    """Return all patches by name."""
    return [Mutant.read(path) for path in sorted(HERE.glob("*.patch"))]


def is_noticed(mutant: Mutant, tree: Path) -> bool:
    """Whether the tests fail after the mutant is applied to the tree."""
    subprocess.run(["git", "apply", str(mutant.path)], cwd=tree, check=True)
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]
        environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        if ran.returncode in NO_TESTS_RAN:
            raise SystemExit(f"{mutant.path.name}: its tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return ran.returncode == 1
    except subprocess.TimeoutExpired:
        return True  # a test that waits in vain also fails
    finally:
        subprocess.run(["git", "checkout", "-q", "."], cwd=tree, check=True)


def main() -> None:
    """Try patches, or a sample of generated mutants. Exit 1 if one survives."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="of the patches, only those whose names hold one of these words")
    parser.add_argument("--sample", type=int, metavar="N", help="try N of the mutants that cosmic-ray makes instead")
    parser.add_argument("--seed", type=int, default=1, help="which N they are (1)")
    parser.add_argument("--module", metavar="PATH", help="only mutants of this module, or of this folder")
    chosen = parser.parse_args()
    if chosen.sample is None:
        sys.exit(1 if try_patches(chosen.words) else 0)
    from tests.mutants import sampling

    sys.exit(1 if sampling.run(chosen.sample, chosen.seed, chosen.module) else 0)


def try_patches(words: list[str]) -> list[Mutant]:
    """Try all patches, or those whose names contain one of the words; return the survivors."""
    chosen = [one for one in mutants() if not words or any(word in one.path.stem for word in words)]
    lived = []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree)], cwd=ROOT, check=True)
        try:
            for mutant in chosen:
                noticed = is_noticed(mutant, tree)
                lived += [] if noticed else [mutant]
                said = "noticed" if noticed else "LIVED"
                print(f"{said:<8} promise {mutant.promise}: {mutant.breaks} ({mutant.path.stem})", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)
    print(f"{len(chosen) - len(lived)} of {len(chosen)} mutants were noticed.")
    return lived


if __name__ == "__main__":
    main()
