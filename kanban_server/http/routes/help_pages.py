"""The pages of the documentation as Markdown, for programs that read: `/llms.txt` lists them, `/help/NAME.md` is one.

A wheel contains them (`hatch_build.py`); an editable installation reads them from `docs/`.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kanban_server.http.file_responses import Version, file_response, version_of
from kanban_server.http.markdown_links import linked_from_anywhere

FOLDERS = (Path(__file__).parents[2] / "help", Path(__file__).parents[3] / "docs")
"""Where the pages are: in a wheel, and in a checkout."""
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
"""Caches revalidate each time, so the pages of a new version apply at once."""
INDEX = "index"
"""The page that lists the others, in the form of https://llmstxt.org."""


def index(request: Request) -> Response:
    """The list of all pages."""
    return _page(request, INDEX)


def page(request: Request) -> Response:
    """One page: `agents.md`, or `agents`."""
    name: str = request.path_params["name"]
    return _page(request, name.removesuffix(".md"))


def _page(request: Request, name: str) -> Response:
    path = _pages().get(name)  # one of the names in the folder, never a path
    if path is None or not path.is_file():
        raise HTTPException(404)
    version = _version(path, path.stat().st_mtime_ns, request.scope.get("root_path", ""))
    return file_response(request, version, "text/markdown; charset=utf-8", HEADERS)


@cache
def _pages() -> dict[str, Path]:
    folder = next((folder for folder in FOLDERS if (folder / f"{INDEX}.md").is_file()), None)
    return {} if folder is None else {path.stem: path for path in folder.glob("*.md")}


@lru_cache(maxsize=64)
def _version(path: Path, modified_ns: int, prefix: str) -> Version:
    body = linked_from_anywhere(path.read_text(encoding="utf-8"), _pages(), f"{prefix}/help/").encode()
    return version_of(hashlib.sha256(body).hexdigest()[:32], body)


routes = [Route("/llms.txt", index), Route("/help", index), Route("/help/{name}", page)]
