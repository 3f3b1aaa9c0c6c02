"""The web board: one page for all its addresses, and the files that the page loads.

`index.html` names its files from `./`, which is replaced by as many `../` as the address is deep, so the page works at
the root and under any path prefix, without knowing which.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import cache, lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles

from kanban_server.http.file_responses import Version, file_response, version_of
from kanban_server.http.web_files import JOINED, WEB, joined_styles

if TYPE_CHECKING:
    from starlette.types import Scope

ADDRESSES = (
    "/",
    "/board/{board_id}",
    "/board/{board_id}/ticket/{ticket_id}",
    "/board/{board_id}/figures",
    "/board/{board_id}/agents",
    "/board/{board_id}/archive",
    "/board/{board_id}/team",
    "/inbox",
    "/my-work",
    "/users",
    "/login",
    "/join",
    "/profile",
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Nothing is loaded from other hosts; caches revalidate each time, so new versions of files apply at once."""

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
"""Fixed, whatever the machine's own table says: a script of another type does not run."""

_folder = StaticFiles(directory=WEB)
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


def page(request: Request) -> Response:
    """The page, for the address of the request."""
    return _response(
        request, _page_version(_path_to_root(request), (WEB / "index.html").stat().st_mtime_ns), "text/html"
    )


def missing_page(request: Request) -> Response:
    """The page, which says that nothing is here."""
    response = page(request)
    response.status_code = 404 if response.status_code == 200 else response.status_code
    return response


class MissingPage(Route):
    """Every address that nothing else answers, where a browser wants a page. Programs get a problem."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a browser's navigation outside the API."""
        accepts = dict(scope.get("headers", ())).get(b"accept", b"")
        wants_page = b"text/html" in accepts and not scope["path"].startswith(("/api/", "/web/"))
        return super().matches(scope) if scope["type"] == "http" and wants_page else (Match.NONE, {})


def service_worker(request: Request) -> Response:
    """The service worker, at the root: its path is the most that it may serve."""
    path = WEB / "service-worker.js"
    return _response(request, _file_version(str(path), path.stat().st_mtime_ns), "text/javascript")


def styles(request: Request) -> Response:
    """All style sheets in one."""
    return _response(request, _styles_version(), "text/css")


def file(request: Request) -> Response:
    """A file of the page."""
    try:
        path, stat = _folder.lookup_path(request.path_params["path"])  # nothing outside the folder
    except (OSError, ValueError):  # too long, or not a path
        stat = None
    if stat is None or not S_ISREG(stat.st_mode):
        raise HTTPException(404)
    return _response(request, _file_version(path, stat.st_mtime_ns), TYPES.get(Path(path).suffix, "text/plain"))


@lru_cache(maxsize=512)
def _file_version(path: str, modified_ns: int) -> Version:
    body = Path(path).read_bytes()
    return version_of(f"{modified_ns:x}-{len(body):x}", body)


@cache
def _styles_version() -> Version:
    body = joined_styles()
    return version_of(hashlib.sha256(body).hexdigest()[:32], body)


@lru_cache(maxsize=64)
def _page_version(path_to_root: str, modified_ns: int) -> Version:
    """The page, with a preload of every module, so that a browser does not learn of them one by one."""
    links = "".join(f'    <link rel="modulepreload" href="./web/{name}" />\n' for name in _modules("app.js"))
    html = (WEB / "index.html").read_text(encoding="utf-8").replace("  </head>", f"{links}  </head>")
    body = html.replace('"./', f'"{path_to_root}').encode()
    return version_of(hashlib.sha256(body).hexdigest()[:32], body)


@cache
def _modules(entry: str) -> list[str]:
    """The module and all that it imports, without those that it loads later (`import()`)."""
    names = [entry]
    for name in names:  # which grows meanwhile
        text = (WEB / name).read_text(encoding="utf-8")
        imported = [posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) for path in _IMPORT.findall(text)]
        names += [path for path in dict.fromkeys(imported) if path not in names]
    return names


def _response(request: Request, version: Version, media_type: str) -> Response:
    return file_response(request, version, media_type, HEADERS)


def _path_to_root(request: Request) -> str:
    """Relative path from the page to the server's root. Routing ignores trailing slashes; browsers do not."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    raw_path: bytes = request.scope["raw_path"]
    depth = path.rstrip("/").count("/") + len(raw_path) - len(raw_path.rstrip(b"/")) - 1
    return "../" * depth or "./"


routes = [
    *(Route(path, page) for path in ADDRESSES),
    Route(f"/web/{JOINED}", styles),
    Route("/web/{path:path}", file),
    Route("/service-worker.js", service_worker),
]
missing = MissingPage("/{path:path}", missing_page)
"""Comes after all other routes."""
