"""From what went wrong to a sentence, the next command to type, and a number that a script can branch on."""

import sys
from typing import Any

DONE, UNEXPECTED, USAGE, NOT_FOUND, NOTHING, REFUSED, TIMEOUT, NOT_ALLOWED, UNREACHABLE, TOO_MANY = range(10)
INTERRUPTED = 130
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts of this machine, where `kanban up` can start a server."""

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


TYPES = {
    USAGE: "usage",
    NOT_FOUND: "not-found",
    NOTHING: "nothing-to-do",
    TIMEOUT: "timed-out",
    UNREACHABLE: "unreachable",
}
"""The type of a problem that the command line itself finds."""


class Stop(Exception):
    """A command ends early: with a code, a sentence, and the next command to type."""

    def __init__(self, code: int, detail: str = "", *, fix: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fix = fix
        self.facts = facts

    @property
    def problem(self) -> dict[str, Any] | None:
        """What is said of it; None where it ends in silence."""
        if not self.detail:
            return None
        return {"type": TYPES.get(self.code, "stopped"), "detail": self.detail, "fix": self.fix, **self.facts}


def explain(error: BaseException, *, json: bool) -> int:
    """Say on stderr what went wrong and what to do next; give the exit code."""
    code, problem = judge(error)
    if problem is not None:
        from kanban_cli.output import compact, safe

        if json:
            print(compact({name: fact for name, fact in problem.items() if fact is not None}), file=sys.stderr)
        else:
            print(safe(f"kanban: {problem['detail']}"), file=sys.stderr)
            if problem.get("fix"):
                print(safe(f"  next: {problem['fix']}"), file=sys.stderr)
    return code


def judge(error: BaseException) -> tuple[int, dict[str, Any] | None]:
    """The exit code, and the problem to show, where there is something to show."""
    from typer.exceptions import Abort

    if isinstance(error, KeyboardInterrupt | Abort):
        return INTERRUPTED, None
    if isinstance(error, BrokenPipeError):
        return DONE, None
    if isinstance(error, Stop):
        return error.code, error.problem
    from typer._click.exceptions import ClickException

    if isinstance(error, ClickException):
        return USAGE, _usage(error)
    from kanban_sdk.errors import Refused, TimedOut, Unreachable

    if isinstance(error, Refused):
        return code_of(error), {**error.problem, "detail": str(error), "fix": next_command(error) or error.fix}
    if isinstance(error, TimedOut):
        return TIMEOUT, {"type": "timed-out", "detail": str(error)}
    if isinstance(error, Unreachable):
        return UNREACHABLE, {"type": "unreachable", "detail": str(error), "fix": _to_start(error.url)}
    return UNEXPECTED, {"type": "unexpected", "detail": f"{type(error).__name__}: {error}"}


def code_of(refused: Any) -> int:
    """The exit code for a refusal: by its class, which its type decides."""
    from kanban_sdk import errors
    from kanban_sdk.retries import GATEWAY

    if refused.type in {
        "busy", "not-ready", "stopping", "storage-full", "database-replaced", "idempotency-pending",
    }:  # fmt: skip
        return UNREACHABLE
    if "type" not in refused.problem and refused.status in GATEWAY:
        return UNREACHABLE
    codes = [
        (errors.KeyReused, UNEXPECTED),
        (errors.Invalid, USAGE),
        (errors.NotFound, NOT_FOUND),
        (errors.Conflict, REFUSED),
        (errors.NotAllowed, NOT_ALLOWED),
        (errors.TooMany, TOO_MANY),
    ]
    return next((code for kind, code in codes if isinstance(refused, kind)), UNEXPECTED)


def next_command(refused: Any) -> str | None:
    """The command to type next, where one is known for this kind of refusal."""
    import shlex

    from kanban_cli.context import typed

    facts = refused.problem
    match refused.type:
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
            return f"{_command()} --help"
        case "invalid-request" if "errors" in facts:
            return f"{_command()} --help"
        case "unknown-column":
            return _with_nearest(facts.get("columns", [])) or "kanban board columns"
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
            return typed("--move-to", "COLUMN")
        case "name-required":
            return typed("-u", "NAME")
        case "not-authenticated":
            return "kanban login"
        case "open-mode":
            return "kanban user create NAME --admin"
        case "resync":
            return "kanban watch --after 0"
        case "busy" | "stopping" | "too-many-connections" | "idempotency-pending":
            return typed()
    return None


def _to_start(url: str) -> str:
    """How to have a server at the URL: start one, where it is of this machine; else the same again, later."""
    from urllib.parse import urlsplit

    from kanban_cli.context import option, typed

    if urlsplit(url).hostname not in LOOPBACK:
        return typed()
    return f"kanban up --url {url}" if option("url") else "kanban up"


def _usage(error: Any) -> dict[str, Any]:
    from kanban_cli.options import unprotected

    context = getattr(error, "ctx", None)
    detail, fix = error.format_message(), None
    if hasattr(error, "possibilities"):
        near = list(error.possibilities or [])
        detail = f"{error.message}. " + (
            f"Did you mean {' or '.join(near)}?" if near else "A text that begins so goes behind --."
        )
        fix = _put_right(error.option_name, near)
    elif context and error.message.startswith("No such command"):
        fix = _put_right(*_meant(list(context.command.commands)))
    return {
        "type": "usage",
        "detail": unprotected(detail),
        "fix": fix or (f"{context.command_path} --help" if context else "kanban --help"),
    }


def _with_nearest(names: list[str]) -> str | None:
    """The command as it was typed, with the argument put right that is most nearly one of the names."""
    from difflib import SequenceMatcher

    near = [
        (SequenceMatcher(None, word.replace("_", " ").casefold(), name.casefold()).ratio(), word, name)
        for word in sys.argv[2:]
        for name in names
        if word != name
    ]
    ratio, word, name = max(near, default=(0.0, "", ""))
    return _put_right(word, [name]) if ratio > 0.7 else None


def _meant(commands: list[str]) -> tuple[str, list[str]]:
    """The first word that is nearly a command, and the command."""
    from difflib import get_close_matches

    tries = ((word, get_close_matches(word, commands, 1)) for word in sys.argv[1:] if word not in commands)
    return next((found for found in tries if found[1]), ("", []))


def _command() -> str:
    """The words of the command that was typed, without what it was given."""
    from kanban_cli.main import COMMANDS, GROUPS

    begin, name = next(((place, word) for place, word in enumerate(sys.argv) if word in COMMANDS), (0, ""))
    return " ".join(["kanban", *sys.argv[begin : begin + (2 if name in GROUPS else 1)]]) if name else "kanban"


def _put_right(wrong: str, right: list[str]) -> str | None:
    """The command as it was typed, with one word put right."""
    import shlex

    if not right:
        return None
    return shlex.join(["kanban", *(right[0] if word == wrong else word for word in sys.argv[1:])])
