"""Writers of a board's tickets in files for other programs (docs/imports.md)."""
