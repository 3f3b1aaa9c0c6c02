"""Mutants that cosmic-ray makes: a sample of them, drawn with a seed, tried one after another in a copy of the tree.

https://cosmic-ray.readthedocs.io. A session (`.mutants/`, not committed) keeps what was found out: as long as its
module stays as it is, a mutant that was killed is not tried again; one that survived is, since tests may have been
added. `cr-report` reads the session too.
"""

from __future__ import annotations

import ast
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_and_test, mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem, WorkResult

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MUTATED = ("kanban_server/rules", "kanban_server/actions", "kanban_server/store", "kanban_sdk")
"""Folders whose modules are mutated."""
PATIENCE = 300
"""Seconds after which a mutant's tests count as failed."""


@dataclass(frozen=True)
class Mutant:
    """One change to one place of a module."""

    module: str
    operator: str
    occurrence: int
    start: tuple[int, int]
    end: tuple[int, int]
    digest: int
    """Of the module: what was found out about its mutants is forgotten when it changes."""

    @property
    def place(self) -> tuple[str, tuple[int, int], str]:
        """What is mutated there: each other operator that could stand there would be another mutant of one place."""
        return self.module, self.start, self.operator.partition("_")[0]

    @property
    def id(self) -> str:
        """Its name."""
        name = self.operator.rpartition("/")[2]
        return f"{self.module}:{self.start[0]}:{self.start[1]} {name} {self.occurrence} {self.digest:08x}"

    @property
    def spec(self) -> MutationSpec:
        """What cosmic-ray calls it."""
        return MutationSpec(Path(self.module), self.operator, self.occurrence, self.start, self.end)

    def compiles(self, tree: Path) -> bool:
        """Whether it is Python at all: what is not would be noticed by whatever imports it, and proves nothing."""
        try:
            ast.parse(self.code(tree))
        except SyntaxError:
            return False
        return True

    def code(self, tree: Path) -> str:
        """The module with the change."""
        return str(mutate_code((tree / self.module).read_text(), get_operator(self.operator)(), self.occurrence))

    def lines(self, tree: Path) -> tuple[str, str]:
        """The lines that it changes, before and after, without what is around them."""
        before = (tree / self.module).read_text()
        old, new = before.splitlines(), self.code(tree).splitlines()
        first = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
        last = next((n for n, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b), 0)
        last = min(last, len(old) - first - 1, len(new) - first)
        return tuple("\n".join(lines[first : len(lines) - last]).strip() for lines in (old, new))  # type: ignore[return-value]


def modules(tree: Path, only: str | None = None) -> list[str]:
    """The modules that are mutated: all, or those of one path. Raises ValueError where there are none."""
    paths = [path for folder in MUTATED for path in sorted((tree / folder).rglob("*.py"))]
    names = [path.relative_to(tree).as_posix() for path in paths]
    chosen = [name for name in names if "/migrations/" not in name and (only is None or name.startswith(only))]
    if not chosen:
        raise ValueError(f"No module of {', '.join(MUTATED)} is at {only}")
    return chosen


def mutants_of(tree: Path, module: str) -> Iterator[Mutant]:
    """All mutants of a module, always in the same order; none of what only the type checker reads."""
    text = (tree / module).read_text()
    skipped, lines = _unread(ast.parse(text)), text.splitlines()
    nodes = list(ast_nodes(get_ast_from_path(tree / module)))
    for name in sorted(operator_names()):
        operator = get_operator(name)
        if operator.arguments():
            continue
        positions = [position for node in nodes for position in operator().mutation_positions(node)]
        for occurrence, (start, end) in enumerate(positions):
            mark = lines[start[0] - 1][start[1] : start[1] + 2] in {"*,", "/,"}  # between parameters: no operator
            if not mark and not any(first <= start < last for first, last in skipped):
                yield Mutant(module, name, occurrence, start, end, crc32(text.encode()))


def _unread(module: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand, and imports for the type checker."""
    found: list[ast.expr | ast.stmt] = []
    for node in ast.walk(module):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            found.append(node.returns)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            found.append(node)
    return [((one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0)) for one in found]


def draw(tree: Path, names: Iterable[str], number: int, seed: int) -> list[Mutant]:
    """A sample: places first, so that what can be changed in ten ways weighs no more, then one mutant of each.

    Places are ranked by a hash, so that a change of one module leaves what is drawn of the others as it is.
    """
    equivalent = {(one["module"], one["before"], one["after"]) for one in equivalents()}
    by_place: dict[tuple[str, tuple[int, int], str], list[Mutant]] = {}
    for name in names:
        for mutant in mutants_of(tree, name):
            by_place.setdefault(mutant.place, []).append(mutant)
    drawn: list[Mutant] = []
    for place in sorted(by_place, key=lambda place: sha256(f"{seed} {place}".encode()).digest()):
        mutant = random.Random(f"{seed} {place}").choice(by_place[place])
        if len(drawn) == number:
            break
        if mutant.compiles(tree) and (mutant.module, *mutant.lines(tree)) not in equivalent:
            drawn.append(mutant)
    return sorted(drawn, key=lambda one: one.id)


def equivalents() -> list[dict[str, str]]:
    """Mutants that no test can tell from the code, each with its reason."""
    named: list[dict[str, str]] = tomllib.loads((HERE / "equivalent.toml").read_text())["mutant"]
    return named


def tests_of(module: str) -> list[str]:
    """The tests that must notice a mutant of the module: what `map.toml` has for the longest path that fits."""
    paths: dict[str, list[str]] = tomllib.loads((HERE / "map.toml").read_text())["tests"]
    fitting = [path for path in paths if module == path or module.startswith(path.rstrip("/") + "/")]
    return paths[max(fitting, key=len)]


@contextmanager
def copy_of_the_tree(root: Path = ROOT) -> Iterator[Path]:
    """A copy of what git knows or would add, with changes that are not committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (root / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, tree / name)
        yield tree


def attempt(tree: Path, mutant: Mutant, tests: Sequence[str]) -> WorkResult:
    """Run the tests over the mutant, in the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    saved = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(tree)
    try:
        with chdir(tree):
            return mutate_and_test([mutant.spec], shlex.join(command), PATIENCE)
    finally:
        os.environ.pop("PYTHONPATH") if saved is None else os.environ.update(PYTHONPATH=saved)


def run(number: int, seed: int, only: str | None = None, *, root: Path = ROOT) -> list[Mutant]:
    """Try a sample, print what becomes of each mutant, and give back the survivors."""
    session = root / ".mutants" / "session.sqlite"
    session.parent.mkdir(exist_ok=True)
    survivors = []
    with copy_of_the_tree(root) as tree, use_db(session, WorkDB.Mode.create) as known:
        drawn = draw(tree, modules(tree, only), number, seed)
        present = {item.job_id for item in known.work_items}
        known.add_work_items(WorkItem.single(mutant.id, mutant.spec) for mutant in drawn if mutant.id not in present)
        outcomes = {job: result.test_outcome for job, result in known.results}
        for mutant in drawn:
            if outcomes.get(mutant.id) != TestOutcome.KILLED:
                result = attempt(tree, mutant, tests_of(mutant.module))
                known.set_result(mutant.id, result)
                outcomes[mutant.id] = result.test_outcome
            before, after = mutant.lines(tree)
            outcome = outcomes[mutant.id]
            print(f"{outcome.value if outcome else 'not tried':<11} {mutant.id}", flush=True)
            if outcome != TestOutcome.KILLED:
                survivors.append(mutant)
                print(f"    - {before}\n    + {after}", flush=True)
    print(f"{len(survivors)} of {len(drawn)} mutants survived ({len(survivors) / max(len(drawn), 1):.0%}).")
    for mutant in survivors:
        print(f"  {mutant.id}")
    return survivors
