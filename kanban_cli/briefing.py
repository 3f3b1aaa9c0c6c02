"""The briefing of an agent, loaded and rendered: what `kanban prime` prints."""

import shlex
from contextlib import suppress
from dataclasses import replace

from kanban_cli.errors import CommandError
from kanban_cli.invocation import Invocation
from kanban_cli.render import prime
from kanban_cli.summary import load_summary
from kanban_cli.values.tags import tags_of
from kanban_sdk.errors import KanbanError


def load_briefing(invocation: Invocation, lookup_seconds: float) -> str:
    """Return the briefing, as JSON with `--json`; empty if there is no board, so that a session starts all the same.

    `lookup_seconds` is the timeout of each request.
    """
    invocation = invocation.for_lookups(lookup_seconds)
    with suppress(KanbanError, CommandError):
        summary = load_summary(
            invocation.send, invocation.board_id, user_names(invocation), tags_of(None, invocation.environment)
        )
        kept = invocation.claim_tokens.holds() if invocation.claim_tokens else []
        summary = replace(summary, holds_here={ticket.id for ticket in summary.holds} <= {*kept})
        options = [
            (flag, getattr(invocation.options, name))
            for name, flag in (("board", "-b"), ("user", "-u"), ("url", "--url"))
        ]
        typed_options = "".join(f" {flag} {shlex.quote(value)}" for flag, value in options if value)
        if invocation.options.json:
            return prime.render_json(summary, invocation.server_url, typed_options) + "\n"
        return prime.render_text(summary, invocation.server_url, typed_options)
    return ""


def user_names(invocation: Invocation) -> tuple[str, ...]:
    """Return all names of the acting user."""
    user = invocation.current_user
    return invocation.names_of(user) if user else ()
