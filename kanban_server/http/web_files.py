"""The style sheets of the web board, joined into one, so that a browser needs one request for them and not twenty."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
JOINED = "styles/joined.css"
"""The path, below `/web/`, of all style sheets in one."""

FONT = WEB / "fonts" / "inter.woff2"
"""The font, which only an installed wheel has (`hatch_font.py`)."""

_IMPORT = re.compile(r'@import "([^"]+)"(?: layer\((\w+)\))?;\n?')


@cache
def joined_styles() -> bytes:
    """All style sheets in one, in the order and the layers of their imports. Read once, for the first page."""
    names = ["index.css", "font.css"] if FONT.is_file() else ["index.css"]
    return "".join(_joined(WEB / "styles" / name) for name in names).encode()


def _joined(path: Path) -> str:
    def inline(match: re.Match[str]) -> str:
        sheet = _joined(path.parent / match[1])
        return f"@layer {match[2]} {{\n{sheet}}}\n" if match[2] else sheet

    return _IMPORT.sub(inline, path.read_text(encoding="utf-8"))
