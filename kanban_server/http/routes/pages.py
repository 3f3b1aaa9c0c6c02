"""The web board: one page for all its addresses, and the files that the page loads.

`index.html` names its files from `./`, which is replaced by as many `../` as the address is deep, so the page works at
the root and under any path prefix, without knowing which.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from stat import S_ISREG

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parents[2] / "web"
ADDRESSES = (
    "/",
    "/board/{board_id}",
    "/board/{board_id}/ticket/{ticket_id}",
    "/board/{board_id}/figures",
    "/login",
    "/join",
    "/profile",
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Nothing is loaded from other hosts; caches revalidate each time, so new versions of files apply at once."""

TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
"""Fixed, whatever the machine's own table says: a script of another type does not run."""

_folder = StaticFiles(directory=WEB)


def page(request: Request) -> Response:
    """The page, for the address at which it was asked for."""
    html = (WEB / "index.html").read_text(encoding="utf-8").replace('"./', f'"{_path_to_root(request)}')
    return _file_response(request, html.encode(), hashlib.sha256(html.encode()).hexdigest()[:32], "text/html")


def file(request: Request) -> Response:
    """A file of the page."""
    try:
        path, stat = _folder.lookup_path(request.path_params["path"])  # nothing outside the folder
    except (OSError, ValueError):  # too long, or not a path
        stat = None
    if stat is None or not S_ISREG(stat.st_mode):
        raise HTTPException(404)
    body = Path(path).read_bytes()
    return _file_response(
        request, body, f"{stat.st_mtime_ns:x}-{len(body):x}", TYPES.get(Path(path).suffix, "text/plain")
    )


def _file_response(request: Request, body: bytes, version: str, media_type: str) -> Response:
    headers = {**HEADERS, "ETag": f'"{version}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type)


def _path_to_root(request: Request) -> str:
    """Relative path from the page to the server's root. Routing ignores trailing slashes; browsers do not."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    raw_path: bytes = request.scope["raw_path"]
    depth = path.rstrip("/").count("/") + len(raw_path) - len(raw_path.rstrip(b"/")) - 1
    return "../" * depth or "./"


routes = [*(Route(path, page) for path in ADDRESSES), Route("/web/{path:path}", file)]
