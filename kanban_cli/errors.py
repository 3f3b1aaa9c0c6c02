"""Map errors to a message, the next command to type, and an exit code that scripts can test."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kanban_cli.command_line import CommandLine
from kanban_cli.exit_codes import (
    DONE,
    INTERRUPTED,
    NOT_ALLOWED,
    NOT_FOUND,
    NOTHING,
    REFUSED,
    TIMEOUT,
    TOO_MANY,
    UNEXPECTED,
    UNREACHABLE,
    USAGE,
)

if TYPE_CHECKING:
    from typer._click.exceptions import ClickException

    from kanban_sdk.errors import Refused

PROBLEM_TYPES = {
    USAGE: "usage",
    NOT_FOUND: "not-found",
    NOTHING: "nothing-to-do",
    TIMEOUT: "timed-out",
    UNREACHABLE: "unreachable",
}
"""Problem types of errors that the command line itself finds."""

Problem = Mapping[str, object]
"""What an error prints: `type`, `detail`, `fix` (the next command, or None), and the facts."""


class CommandError(Exception):
    """Ends a command early, with an exit code, a message, the next command to type, and facts for `--json`."""

    def __init__(self, code: int, detail: str = "", *, fix: str | None = None, **facts: object) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fix = fix
        self.facts = facts

    @property
    def problem(self) -> Problem | None:
        """Return the problem to print; None to end silently."""
        if not self.detail:
            return None
        return {"type": PROBLEM_TYPES.get(self.code, "stopped"), "detail": self.detail, "fix": self.fix, **self.facts}


def print_error(error: BaseException, line: CommandLine, *, json: bool) -> int:
    """Print an error and the next command on stderr; return the exit code."""
    code, problem = classify(error, line)
    if problem is not None:
        from kanban_cli.render.escaping import compact_json, escape

        if json:
            print(compact_json({name: fact for name, fact in problem.items() if fact is not None}), file=sys.stderr)
        else:
            print(escape(f"kanban: {problem['detail']}"), file=sys.stderr)
            if problem.get("fix"):
                print(escape(f"  next: {problem['fix']}"), file=sys.stderr)
    return code


def classify(error: BaseException, line: CommandLine | None = None) -> tuple[int, Problem | None]:
    """Return the exit code, and the problem to print or None. `line` is the command that failed."""
    from typer.exceptions import Abort

    line = line or CommandLine()
    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED, None
    if isinstance(error, BrokenPipeError):
        return DONE, None
    if isinstance(error, CommandError):
        return error.code, error.problem
    from typer._click.exceptions import ClickException

    if isinstance(error, ClickException):
        return USAGE, _usage_problem(error, line)
    from kanban_cli import hints
    from kanban_sdk.errors import Refused, TimedOut, Unreachable

    if isinstance(error, Refused):
        fix = hints.suggest_command(error, line) or error.fix
        return exit_code_for(error), {**error.problem, "detail": str(error), "fix": fix}
    if isinstance(error, TimedOut):
        return TIMEOUT, {"type": "timed-out", "detail": str(error)}
    if isinstance(error, Unreachable):
        fix = hints.start_command(error.url, line)
        return UNREACHABLE, {"type": "unreachable", "detail": str(error), "fix": fix}
    return UNEXPECTED, {"type": "unexpected", "detail": f"{type(error).__name__}: {error}"}


def exit_code_for(error: "Refused") -> int:
    """Return the exit code of a server error, by its class, which follows from its problem type."""
    from kanban_sdk import errors
    from kanban_sdk.transport.retries import GATEWAY_STATUSES

    if error.type in {
        "busy", "not-ready", "stopping", "storage-full", "database-replaced", "idempotency-pending",
    }:  # fmt: skip
        return UNREACHABLE
    if "type" not in error.problem and error.status in GATEWAY_STATUSES:
        return UNREACHABLE
    codes = [
        (errors.IdempotencyConflict, UNEXPECTED),
        (errors.Invalid, USAGE),
        (errors.NotFound, NOT_FOUND),
        (errors.Conflict, REFUSED),
        (errors.NotAllowed, NOT_ALLOWED),
        (errors.TooManyRequests, TOO_MANY),
    ]
    return next((code for kind, code in codes if isinstance(error, kind)), UNEXPECTED)


def _usage_problem(error: "ClickException", line: CommandLine) -> Problem:
    """Return the problem of a line that the parser refuses; a misspelled option is corrected."""
    from typer._click.exceptions import NoSuchOption, UsageError

    from kanban_cli.hints import correct_word, find_option

    context = error.ctx if isinstance(error, UsageError) else None
    detail, fix = error.format_message(), None
    if isinstance(error, NoSuchOption):
        options = [option for parameter in context.command.params for option in parameter.opts] if context else []
        option = find_option(error.option_name, options)
        detail = f"{error.message}. " + (
            f"Did you mean {option}?" if option else "A text that begins with a dash goes after --."
        )
        fix = correct_word(line, error.option_name, option) if option else None
    return {
        "type": "usage",
        "detail": detail,
        "fix": fix or (f"{context.command_path} --help" if context else "kanban --help"),
    }
