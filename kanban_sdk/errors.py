"""The errors of the SDK, as a tree:

KanbanError
├── Unreachable          no response from the server
├── TimedOut             the condition was not met in time
├── ConfigurationError   the settings of a connection can't be read, or forbid to send the token
├── NothingReady         no ticket of the board can be claimed: `reason`, and how many are ready, blocked, held
└── Refused              the server refused the request: `type`, `detail`, `fix`, and the facts as attributes
    ├── Invalid          the request is malformed
    │   ├── UnknownColumn
    │   ├── UnknownField
    │   ├── AmbiguousName
    │   ├── NameRequired
    │   └── TooLarge
    ├── NotFound
    │   └── Resync       the log can't be read from this cursor
    ├── Conflict         the board's state does not allow the request
    │   ├── VersionConflict
    │   ├── Archived     the ticket is archived
    │   ├── AlreadyClaimed
    │   ├── LeaseLost    the claim that the write was made under has ended
    │   ├── ColumnFull
    │   ├── UserLimit
    │   ├── QuotaExceeded    the person has the maximum number of tokens, agents or boards
    │   ├── DependencyCycle
    │   ├── ReviewRequired
    │   ├── Unmet
    │   ├── ColumnInUse
    │   └── IdempotencyConflict    the idempotency key belongs to another request
    ├── NotAllowed
    │   ├── NotAuthenticated
    │   └── NotAuthor
    ├── TooManyRequests  too many requests, or connections
    └── ServerError      the server is busy, stopping, or broken
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from kanban_sdk.deprecation import deprecated_names

if TYPE_CHECKING:
    from kanban_sdk.wire.problems import ProblemDetails


class KanbanError(Exception):
    """Base class of everything that this package raises."""


class KanbanWarning(UserWarning):
    """A warning in a response: the change is made, but may not be what was meant. See `WARNINGS`.

    `warning` is the whole warning: `type`, `detail`, and the facts.
    """

    def __init__(self, warning: ProblemDetails) -> None:
        super().__init__(warning)
        self.warning = warning

    def __str__(self) -> str:
        return str(self.warning.get("detail") or self.warning.get("type") or "a warning")


class Unreachable(KanbanError):
    """No response from the server, after all retries. `url` is the address that was tried."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"No answer from {without_credentials(url)}: {reason}")
        self.url = url
        self.reason = reason

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self.url, self.reason)  # an exception with its own arguments can't be pickled otherwise


class TimedOut(KanbanError):
    """A wait, or a wait for an event, reached its timeout."""


class ConfigurationError(KanbanError):
    """A file of settings can't be read, or the token would go to a server that the user has not named."""


class NothingReady(KanbanError):
    """No ticket can be claimed: `reason` is empty, all-blocked, all-held, column-full or user-limit.

    `ready_for` is how many ready tickets are assigned to each other user. `why` says what the tickets that are left
    wait for; `stop` that none will come by itself.
    """

    def __init__(self, next_ticket: dict[str, Any]) -> None:
        self.reason: str | None = next_ticket.get("reason")
        counts = {name: next_ticket.get(name) or 0 for name in ("ready", "blocked", "held")}
        self.ready, self.blocked, self.held = counts.values()
        self.ready_for: dict[str, int] = next_ticket.get("ready_for") or {}
        self.why: str | None = next_ticket.get("why")
        self.stop = bool(next_ticket.get("stop"))
        summary = ", ".join(f"{count} {name}" for name, count in counts.items())
        summary += "".join(f", {count} for {name}" for name, count in self.ready_for.items())
        why = f": {self.why}" if self.why else ""
        super().__init__(f"No ticket can be claimed: {self.reason} ({summary}){why}.")

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (vars(self),)


class Refused(KanbanError):
    """The server refused the request. Decide by `type`, or by the class; the text is for people.

    The facts of the refusal are attributes too, such as `current_version` or `held_by`.
    """

    def __init__(self, problem: ProblemDetails) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or "refused")
        self.type: str = problem.get("type", "internal")
        self.title: str = problem.get("title", "")
        self.status: int = problem.get("status", 500)
        self.detail: str = problem.get("detail", "")
        self.fix: str | None = problem.get("fix")
        self.problem = problem
        """The whole problem, as sent."""
        standard_members = {"type", "title", "status", "detail", "fix"}
        self.__dict__.update(
            {name: fact for name, fact in problem.items() if name not in standard_members and name != "problem"}
        )

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), (self.problem,)


class Invalid(Refused):
    """The request is malformed. `errors` lists the fields, if they are known."""


class UnknownColumn(Invalid):
    """The board has no such column; `columns` are the ones that it has."""

    columns: list[str]


class UnknownField(Invalid):
    """The request names an unknown field or query parameter; `known` are the known ones."""

    field: str
    nearest: str
    known: list[str]


class AmbiguousName(Invalid):
    """A name without an exact match could mean each of `candidates`."""

    name: str
    candidates: list[str]


class NameRequired(Invalid):
    """The request names no user, and requires one."""


class TooLarge(Invalid):
    """A text, a page or a body exceeds its `limit`."""

    limit: int


class NotFound(Refused):
    """There is no such thing, or this user may not see it."""


class Resync(NotFound):
    """The log can't be read from this cursor: take a snapshot. `reason` is trimmed, epoch or ahead."""

    reason: str
    floor: int
    head: int


class Conflict(Refused):
    """The state of the board does not allow the request."""


class VersionConflict(Conflict):
    """The ticket or board was changed meanwhile; `current` is its state now, `changed` what changed since."""

    current_version: int
    current: dict[str, Any]
    changed: list[dict[str, Any]]


class Archived(Conflict):
    """The ticket is archived: it can be read and restored."""


class AlreadyClaimed(Conflict):
    """Another user holds the ticket; `problem` also has `renewed_at`, the last renewal, if the claim has an end."""

    held_by: str
    expires_at: str | None


class LeaseLost(Conflict):
    """The claim that the write was made under has ended; `held_by` is the current holder, if any."""

    held_by: str | None


class ColumnFull(Conflict):
    """The column holds as many tickets as its `limit` allows."""

    column: str
    limit: int


class UserLimit(Conflict):
    """The user holds as many tickets of the board as its `limit` allows."""

    limit: int
    held: int


class QuotaExceeded(Conflict):
    """The person, with their agents, has `count` tokens, agents or boards (`what`); `limit` is the maximum."""

    what: str
    limit: int
    count: int


class DependencyCycle(Conflict):
    """The tickets of `path` would wait for each other."""

    path: list[int]


class ReviewRequired(Conflict):
    """Nobody may accept what they or their agent claimed last on this board. `held_by` is the holder, if any."""

    held_by: str | None


class Unmet(Conflict):
    """The board requires what ticket `ticket_id` lacks: `unmet`, some of `criteria, answers, blockers, children`."""

    ticket_id: int
    unmet: list[str]


class ColumnInUse(Conflict):
    """The column holds `tickets` tickets."""

    column: str
    tickets: int


class IdempotencyConflict(Conflict):
    """The idempotency key belongs to another request, or to one that is in progress."""


class NotAllowed(Refused):
    """Not allowed for this user, or not from this origin or under this host name."""


class NotAuthenticated(NotAllowed):
    """The server has users, and the request has no token, or no valid one."""


class NotAuthor(NotAllowed):
    """Only the author may do this."""


class TooManyRequests(Refused):
    """Too many requests or connections; try later."""


class ServerError(Refused):
    """The server is busy, stopping, or broken; the same request may succeed later."""


def without_credentials(url: str) -> str:
    """A URL without its user name and password, safe to display."""
    before, slashes, rest = url.partition("//")
    host, slash, path = rest.partition("/")
    return f"{before}{slashes}{host.rpartition('@')[2]}{slash}{path}"


if not TYPE_CHECKING:
    __getattr__ = deprecated_names(
        __name__,
        {
            "Failed": "ServerError",
            "TooMany": "TooManyRequests",
            "KeyReused": "IdempotencyConflict",
        },
    )
