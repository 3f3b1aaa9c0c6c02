"""Map errors to a message, the next command to type, and an exit code that scripts can test."""

import sys
from typing import Any

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

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts of this machine, on which `kanban up` can start a server."""


PROBLEM_TYPES = {
    USAGE: "usage",
    NOT_FOUND: "not-found",
    NOTHING: "nothing-to-do",
    TIMEOUT: "timed-out",
    UNREACHABLE: "unreachable",
}
"""Problem types of errors that the command line itself finds."""


class CommandError(Exception):
    """Ends a command early, with an exit code, a message and the next command to type."""

    def __init__(self, code: int, detail: str = "", *, fix: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fix = fix
        self.facts = facts

    @property
    def problem(self) -> dict[str, Any] | None:
        """Return the problem to print; None to end silently."""
        if not self.detail:
            return None
        return {"type": PROBLEM_TYPES.get(self.code, "stopped"), "detail": self.detail, "fix": self.fix, **self.facts}


def print_error(error: BaseException, *, json: bool) -> int:
    """Print an error and the next command on stderr; return the exit code."""
    code, problem = classify(error)
    if problem is not None:
        from kanban_cli.render.output import compact_json, escape

        if json:
            print(compact_json({name: fact for name, fact in problem.items() if fact is not None}), file=sys.stderr)
        else:
            print(escape(f"kanban: {problem['detail']}"), file=sys.stderr)
            if problem.get("fix"):
                print(escape(f"  next: {problem['fix']}"), file=sys.stderr)
    return code


def classify(error: BaseException) -> tuple[int, dict[str, Any] | None]:
    """Return the exit code, and the problem to print or None."""
    from typer.exceptions import Abort

    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED, None
    if isinstance(error, BrokenPipeError):
        return DONE, None
    if isinstance(error, CommandError):
        return error.code, error.problem
    from typer._click.exceptions import ClickException

    if isinstance(error, ClickException):
        return USAGE, _usage_problem(error)
    from kanban_sdk.errors import Refused, TimedOut, Unreachable

    if isinstance(error, Refused):
        return exit_code_for(error), {**error.problem, "detail": str(error), "fix": suggest_command(error) or error.fix}
    if isinstance(error, TimedOut):
        return TIMEOUT, {"type": "timed-out", "detail": str(error)}
    if isinstance(error, Unreachable):
        return UNREACHABLE, {"type": "unreachable", "detail": str(error), "fix": _start_command(error.url)}
    return UNEXPECTED, {"type": "unexpected", "detail": f"{type(error).__name__}: {error}"}


def exit_code_for(error: Any) -> int:
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


def suggest_command(error: Any) -> str | None:
    """Return the next command to type, or None if none is known for this kind of error."""
    import shlex

    from kanban_cli.invocation import command_line

    facts = error.problem
    match error.type:
        case "not-found" if facts.get("what") == "ticket" and facts.get("deleted"):
            return f"kanban undelete {facts['id']}"
        case "not-found":
            listings = {
                "board": "kanban board list",
                "ticket": "kanban list",
                "column": "kanban board columns",
                "criterion": "kanban show TICKET",
            }
            return listings.get(facts.get("what", ""))
        case "unknown-field":
            return f"{_typed_command()} --help"
        case "invalid-request" if "errors" in facts:
            return f"{_typed_command()} --help"
        case "unknown-column":
            return _correct_argument(facts.get("columns", [])) or "kanban board columns"
        case "version-conflict":
            id = facts.get("current", {}).get("id")
            return f"kanban show {id}" if "current_column" in facts.get("current", {}) else f"kanban board show {id}"
        case "already-claimed" | "lease-lost" if facts.get("ticket_id"):
            return f"kanban show {facts['ticket_id']}"
        case "archived" if facts.get("ticket_id"):
            return f"kanban undelete {facts['ticket_id']}"
        case "column-full":
            return shlex.join(["kanban", "list", "-c", str(facts.get("column"))])
        case "user-limit":
            return "kanban list --mine"
        case "dependency-cycle" if sys.argv[1:2] == ["block"] and len(facts.get("path", [])) > 2:
            return f"kanban unblock {facts['path'][1]} --on {facts['path'][2]}"
        case "review-required" if facts.get("held_by"):
            return f"kanban release {facts.get('ticket_id')} -c COLUMN --note TEXT"
        case "review-required":
            return f"kanban ask {facts.get('ticket_id')} TEXT"
        case "quota-exceeded":
            listings = {"tokens": "kanban token list", "agents": "kanban user list", "boards": "kanban board list"}
            return listings.get(facts.get("what", ""))
        case "unmet":
            return f"kanban show {facts.get('ticket_id')}"
        case "column-in-use":
            return command_line("--move-to", "COLUMN")
        case "name-required":
            return command_line("-u", "NAME")
        case "not-authenticated":
            return "kanban login"
        case "open-mode":
            return "kanban user create NAME --admin"
        case "resync":
            return "kanban watch --after 0"
        case "busy" | "stopping" | "too-many-connections" | "idempotency-pending":
            return command_line()
    return None


def _start_command(url: str) -> str:
    """Return the command that gets a server running at the URL: start it if local, else repeat the command later."""
    from urllib.parse import urlsplit

    from kanban_cli.invocation import command_line, get_option

    if urlsplit(url).hostname not in LOOPBACK:
        return command_line()
    return f"kanban up --url {url}" if get_option("url") else "kanban up"


def _usage_problem(error: Any) -> dict[str, Any]:
    from kanban_cli.options import restore_dashes

    context = getattr(error, "ctx", None)
    detail, fix = error.format_message(), None
    if hasattr(error, "possibilities"):
        suggestions = list(error.possibilities or [])
        detail = f"{error.message}. " + (
            f"Did you mean {' or '.join(suggestions)}?" if suggestions else "A text that begins so goes behind --."
        )
        fix = _corrected_command(error.option_name, suggestions)
    elif context and error.message.startswith("No such command"):
        fix = _corrected_command(*_nearest_command(list(context.command.commands)))
    return {
        "type": "usage",
        "detail": restore_dashes(detail),
        "fix": fix or (f"{context.command_path} --help" if context else "kanban --help"),
    }


def _correct_argument(names: list[str]) -> str | None:
    """Return the typed command with its misspelled argument replaced by the most similar of the names."""
    from difflib import SequenceMatcher

    candidates = [
        (SequenceMatcher(None, word.replace("_", " ").casefold(), name.casefold()).ratio(), word, name)
        for word in sys.argv[2:]
        for name in names
        if word != name
    ]
    ratio, word, name = max(candidates, default=(0.0, "", ""))
    return _corrected_command(word, [name]) if ratio > 0.7 else None


def _nearest_command(commands: list[str]) -> tuple[str, list[str]]:
    """Return the first word that resembles a command, and the similar commands."""
    from difflib import get_close_matches

    matches = ((word, get_close_matches(word, commands, 1)) for word in sys.argv[1:] if word not in commands)
    return next((match for match in matches if match[1]), ("", []))


def _typed_command() -> str:
    """Return the command words that were typed, without arguments and options."""
    from kanban_cli.table import COMMANDS, GROUPS

    begin, name = next(((place, word) for place, word in enumerate(sys.argv) if word in COMMANDS), (0, ""))
    return " ".join(["kanban", *sys.argv[begin : begin + (2 if name in GROUPS else 1)]]) if name else "kanban"


def _corrected_command(misspelled: str, replacements: list[str]) -> str | None:
    """Return the typed command with one word corrected."""
    import shlex

    if not replacements:
        return None
    return shlex.join(["kanban", *(replacements[0] if word == misspelled else word for word in sys.argv[1:])])
