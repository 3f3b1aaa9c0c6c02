"""Parsers from other programs' formats to importable tickets (docs/imports.md). No network."""
