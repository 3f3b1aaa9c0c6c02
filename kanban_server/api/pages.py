"""The board in a browser: one page for every address of it, and the files that the page loads.

`index.html` names its files from `./`, which becomes as many `../` as the address is deep: so the page works at the
root and under any path prefix, and needs not know which.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parents[1] / "web"
ADDRESSES = (
    "/",
    "/board/{board_id}",
    "/board/{board_id}/ticket/{ticket_id}",
    "/board/{board_id}/figures",
    "/login",
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
"""Nothing comes from elsewhere, and a new version of a file is seen at once: a cache asks each time."""

for suffix, media_type in {".js": "text/javascript", ".svg": "image/svg+xml"}.items():
    mimetypes.add_type(media_type, suffix)  # whatever this machine's table says: a script of another type does not run

_files = StaticFiles(directory=WEB)


def page(request: Request) -> Response:
    """The page, for the address at which it was asked for."""
    html = (WEB / "index.html").read_text(encoding="utf-8").replace('"./', f'"{_up(request)}')
    headers = {**HEADERS, "ETag": f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(html, 200, headers, "text/html")


async def file(request: Request) -> Response:
    """A file of the page."""
    response = await _files.get_response(request.path_params["path"], request.scope)
    response.headers.update(HEADERS)
    return response


def _up(request: Request) -> str:
    """The way from the page's address to the server's root. Routing ignores slashes at the end; a browser does not."""
    path: str = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    sent: bytes = request.scope["raw_path"]
    deep = path.rstrip("/").count("/") + len(sent) - len(sent.rstrip(b"/")) - 1
    return "../" * deep or "./"


router = Router([*(Route(path, page) for path in ADDRESSES), Route("/web/{path:path}", file)])
