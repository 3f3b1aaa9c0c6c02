"""Markdown over HTTP, for the board in a browser."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from kanban_server.http.routing import Router
from kanban_server.rules import validation
from kanban_server.rules.markdown import parser

router = Router(prefix="/api/markdown")


@dataclass(frozen=True)
class MarkdownText:
    """A description or a comment."""

    text: str


@router.post("", described=False)
async def read_markdown(body: MarkdownText) -> Response:
    """The text as a tree: `{nodes}`, each of them a text or `{tag, attrs?, children}`."""
    text = validation.check_text(body.text, "text") or ""
    nodes = await asyncio.to_thread(parser.parse_markdown, text)  # a long text takes long
    return Response(orjson.dumps({"nodes": nodes}), media_type="application/json")
