"""Is the server alive?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from kanban_server import __version__
from kanban_server.api.parts import parts_of

router = APIRouter(tags=["server"])


@router.get("/health")
async def health(request: Request) -> dict[str, Any]:
    """That the server answers, what it is, and how many streams it serves."""
    parts = parts_of(request)
    return {
        "status": "healthy",
        "version": __version__,
        "database": parts.database.dialect,
        "connections": parts.hub.count(),
    }
