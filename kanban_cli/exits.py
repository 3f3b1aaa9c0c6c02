"""From what went wrong to a sentence, the next command to type, and a number that a script can branch on."""

import sys
from typing import Any

DONE, UNEXPECTED, USAGE, NOT_FOUND, NOTHING, REFUSED, TIMEOUT, NOT_ALLOWED, UNREACHABLE, TOO_MANY = range(10)
INTERRUPTED = 130

MEANINGS = {
    DONE: "done, or already so",
    UNEXPECTED: "something unexpected",
    USAGE: "wrong usage",
    NOT_FOUND: "not found",
    NOTHING: "nothing to do",
    REFUSED: "refused by the board's state: version, claim, lease, limit",
    TIMEOUT: "time out",
    NOT_ALLOWED: "not allowed",
    UNREACHABLE: "the server can't be reached",
    TOO_MANY: "too many requests",
    INTERRUPTED: "interrupted",
}
"""Every exit code, and what it means."""

CODES = {
    "invalid-request": USAGE,
    "invalid-cursor": USAGE,
    "unsupported-media-type": USAGE,
    "method-not-allowed": USAGE,
    "body-too-large": USAGE,
    "title-too-long": USAGE,
    "text-too-long": USAGE,
    "page-too-large": USAGE,
    "invalid-name": USAGE,
    "name-required": USAGE,
    "reserved-name": USAGE,
    "invalid-priority": USAGE,
    "unknown-column": USAGE,
    "invalid-columns": USAGE,
    "other-board": USAGE,
    "not-found": NOT_FOUND,
    "resync": NOT_FOUND,
    "version-conflict": REFUSED,
    "column-in-use": REFUSED,
    "already-claimed": REFUSED,
    "idempotency-mismatch": UNEXPECTED,
    "idempotency-pending": UNREACHABLE,
    "origin-refused": NOT_ALLOWED,
    "host-refused": NOT_ALLOWED,
    "not-author": NOT_ALLOWED,
    "too-many-connections": TOO_MANY,
    "too-many-messages": TOO_MANY,
    "busy": UNREACHABLE,
    "stopping": UNREACHABLE,
    "storage-full": UNREACHABLE,
    "internal": UNEXPECTED,
}
"""Problem type to exit code."""


class Stop(Exception):
    """A command ends early: with a code, a sentence, and the next command to type."""

    def __init__(self, code: int, detail: str = "", *, fix: str | None = None, type: str = "usage") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fix = fix
        self.type = type


def explain(error: BaseException, *, json: bool) -> int:
    """Say on stderr what went wrong and what to do next; give the exit code."""
    code, problem = judge(error)
    if problem is not None:
        from kanban_cli.output import compact, safe

        if json:
            print(compact(problem), file=sys.stderr)
        else:
            print(safe(f"kanban: {problem['detail']}"), file=sys.stderr)
            if problem.get("fix"):
                print(safe(f"  next: {problem['fix']}"), file=sys.stderr)
    return code


def judge(error: BaseException) -> tuple[int, dict[str, Any] | None]:
    """The exit code, and the problem to show, where there is something to show."""
    from typer.exceptions import Abort, Exit

    if isinstance(error, Exit):
        return error.exit_code, None
    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED, None
    if isinstance(error, BrokenPipeError):
        return DONE, None
    if isinstance(error, Stop):
        shown = {"type": error.type, "detail": error.detail, "fix": error.fix} if error.detail else None
        return error.code, shown
    from typer._click.exceptions import ClickException

    if isinstance(error, ClickException):
        return USAGE, {"type": "usage", "detail": error.format_message(), "fix": "kanban --help"}
    from kanban_sdk.errors import Refused, TimedOut, Unreachable

    if isinstance(error, Refused):
        return CODES.get(error.type, UNEXPECTED), {**error.problem, "fix": next_command(error) or error.fix}
    if isinstance(error, TimedOut):
        return TIMEOUT, {"type": "timed-out", "detail": str(error)}
    if isinstance(error, Unreachable):
        return UNREACHABLE, {"type": "unreachable", "detail": str(error), "fix": "kanban up"}
    return UNEXPECTED, {"type": "unexpected", "detail": f"{type(error).__name__}: {error}"}


def next_command(error: Any) -> str | None:
    """The command to type next, where one is known for this kind of refusal."""
    if error.type == "not-found":
        return {"board": "kanban board list", "ticket": "kanban list"}.get(error.problem.get("what", ""))
    return None
