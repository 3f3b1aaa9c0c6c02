"""Mutants: for each promise, patches that break it. `scripts/mutants` applies each and checks that its tests fail.

A patch begins with a header: `Promise:` the promise that it breaks, `Breaks:` how, `Tests:` the tests that must fail.
"""
