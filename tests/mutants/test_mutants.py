"""The mutants match the code. Whether tests notice them is checked by `scripts/mutants`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mutants import sampling
from tests.mutants.__main__ import ROOT, mutants


def test_every_promise_has_a_mutant_and_every_mutant_applies_to_the_code() -> None:
    known = mutants()
    assert {one.promise for one in known} == {str(number) for number in range(1, 10)}
    for mutant in known:
        fits = subprocess.run(
            ["git", "apply", "--check", str(mutant.path)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert fits.returncode == 0, f"{mutant.path.name}: {fits.stderr}"
        for test in mutant.tests:
            if test.startswith("-"):
                continue
            file = ROOT / test.partition("::")[0]
            assert file.is_file(), f"{mutant.path.name} names {file}"


def test_samples_depend_on_their_seed_and_skip_equivalent_mutants() -> None:
    module = "kanban_server/rules/leases.py"
    drawn = sampling.draw(ROOT, [module], 6, seed=3)
    assert drawn == sampling.draw(ROOT, [module], 6, seed=3)
    assert len({mutant.id for mutant in drawn}) == 6
    assert drawn != sampling.draw(ROOT, [module], 6, seed=4)
    for mutant in drawn:
        before, after = mutant.lines(ROOT)
        assert before != after


def test_each_mutated_module_has_tests_and_the_equivalent_mutants_match_the_code() -> None:
    for module in sampling.modules(ROOT):
        named = sampling.tests_of(module)
        files = named[: named.index("-m")] if "-m" in named else named
        assert files
        assert all((ROOT / file).exists() for file in files), module
    for one in sampling.equivalents():
        lines = [line.strip() for line in (ROOT / one["module"]).read_text().splitlines()]
        assert one["before"].splitlines()[0] in lines, one
        assert one["reason"]


@pytest.mark.slow
def test_a_mutant_is_killed_or_survives_in_a_copy_and_its_result_is_stored(tmp_path: Path, monkeypatch: Any) -> None:
    package = tmp_path / "kanban_server" / "rules"
    package.mkdir(parents=True)
    (package / "double.py").write_text("def double(n: int) -> int:\n    return n + n\n")
    (tmp_path / "test_double.py").write_text(
        "import sys; sys.path.insert(0, 'kanban_server/rules')\n"
        "from double import double\n\n\ndef test_double():\n    assert double(3) == 6\n"
    )
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tried: list[str] = []
    attempt = sampling.attempt
    monkeypatch.setattr(sampling, "MUTATED", ("kanban_server/rules",))
    monkeypatch.setattr(sampling, "equivalents", list)
    monkeypatch.setattr(sampling, "tests_of", lambda module: ["test_double.py"])

    def attempt_and_tell(tree: Path, one: sampling.Mutant, tests: list[str]) -> Any:
        tried.append(one.id)
        return attempt(tree, one, tests)

    monkeypatch.setattr(sampling, "attempt", attempt_and_tell)

    survivors = sampling.run(3, 1, root=tmp_path)
    assert (len(tried), survivors) == (1, [])
    (tmp_path / "test_double.py").write_text("def test_nothing():\n    pass\n")
    assert sampling.run(3, 1, root=tmp_path) == []
    assert len(tried) == 1  # a killed mutant is not tried again
    (package / "double.py").write_text("def double(n: int) -> int:\n    return n + n  # changed\n")
    assert len(sampling.run(3, 1, root=tmp_path)) == 1
    assert (package / "double.py").read_text().endswith("n + n  # changed\n")
