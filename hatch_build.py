"""Adds manual pages, shell completions and the pages of the documentation to the wheel. Hatchling runs it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SharedFiles(BuildHookInterface):
    """Generates files from the commands, and installs them below the prefix of the environment.

    The pages of `docs/` become files of the package, which the server serves at `/help/`.
    """

    def initialize(self, version: str, build_data: dict[str, dict[str, str]]) -> None:
        """Add the files to a wheel; an editable installation has none."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from hatch_font import font_files
        from kanban_cli.manual import shared_files

        self.folder = tempfile.TemporaryDirectory(prefix="kanban-shared-")
        for name, text in shared_files().items():
            path = Path(self.folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = name
        font_folder = Path(self.folder.name, "font")
        font_folder.mkdir()
        for path, name in font_files(font_folder).items():
            build_data["force_include"][str(path)] = f"kanban_server/web/fonts/{name}"
        pages = sorted(Path(self.root, "docs").glob("*.md"))
        if not pages:
            raise FileNotFoundError("docs/*.md: the server serves these pages, so a wheel needs them")
        for page in pages:
            build_data["force_include"][str(page)] = f"kanban_server/help/{page.name}"

    def finalize(self, version: str, build_data: dict[str, dict[str, str]], artifact_path: str) -> None:
        """Remove the generated files."""
        if version != "editable":
            self.folder.cleanup()
