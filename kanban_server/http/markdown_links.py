"""Links in the pages of the documentation, which point to files of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection

REPOSITORY = "https://github.com/agent-kanban/agent-kanban/blob/main"
"""Where a page links to what is not a page."""

_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=src=\")[^\"]+(?=\")")
_FENCE = re.compile(r"^( *```.*?^ *```$)", re.DOTALL | re.MULTILINE)


def replace_links(text: str, link_to: Callable[[str, str], str]) -> str:
    """The text with other relative links. `link_to` gets the path of a link and its `#fragment`, or an empty text.

    Links to other hosts, links within the page, and blocks of code stay as they are.
    """

    def replace(match: re.Match[str]) -> str:
        path, mark, fragment = match[0].partition("#")
        return match[0] if not path or ":" in path or path.startswith("/") else link_to(path, mark + fragment)

    parts = _FENCE.split(text)
    return "".join(part if number % 2 else _LINK.sub(replace, part) for number, part in enumerate(parts))


def linked_from_anywhere(text: str, pages: Collection[str], prefix: str) -> str:
    """A page of `docs/` whose links work from any address: to other pages below `prefix`, else in the repository."""

    def link_to(path: str, fragment: str) -> str:
        name = path.removesuffix(".md")
        if name in pages:
            return f"{prefix}{path}{fragment}"
        return f"{REPOSITORY}/{posixpath.normpath(posixpath.join('docs', path))}{fragment}"

    return replace_links(text, link_to)
