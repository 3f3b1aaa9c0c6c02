"""The briefing of `kanban prime`, for a hook. Loaded at the start of a session only."""

from __future__ import annotations

import os

from kanban_cli.briefing import load_briefing
from kanban_cli.hook.session import Session
from kanban_cli.invocation import Invocation


def briefing(session: Session, seconds: float) -> str:
    """Return the briefing; empty without a board. Each request takes at most so many seconds."""
    environment = {**os.environ, "KANBAN_SESSION": session.name}
    return load_briefing(Invocation(environment=environment), seconds)
