"""Mutants: for each promise, patches that break it. `scripts/mutants` applies each and sees its tests fail.

A patch begins with lines for people: `Promise:` which one it breaks, `Breaks:` how, `Tests:` what must notice.
"""
