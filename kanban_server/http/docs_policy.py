"""Content policy of FastAPI's pages (`/docs`): their inline scripts are allowed by hash."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.responses import HTMLResponse, Response

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI uses inline styles; scripts come from this server, or are the page's own, by hash."""


def with_policy(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Response]]:
    """Wrap an endpoint so that its pages get the content policy and may not be framed."""

    @wraps(endpoint)
    async def respond_with_policy(*arguments: Any, **keywords: Any) -> Response:
        response: Response = await endpoint(*arguments, **keywords)
        if isinstance(response, HTMLResponse):
            scripts = " ".join(_script_hash(script) for script in _SCRIPT.findall(bytes(response.body)))
            response.headers["Content-Security-Policy"] = POLICY.format(scripts=scripts)
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "no-cache"
        return response

    return respond_with_policy


def _script_hash(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
