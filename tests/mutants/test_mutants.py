"""The mutants keep up with the code. Whether they are noticed is what `scripts/mutants` finds out."""

from __future__ import annotations

import subprocess

from tests.mutants.__main__ import ROOT, mutants


def test_every_promise_has_a_mutant_and_every_mutant_fits_the_code() -> None:
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
