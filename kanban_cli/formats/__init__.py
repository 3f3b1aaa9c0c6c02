"""Tickets as other programs write them, read as tickets that can be imported (docs/imports.md). No network."""
