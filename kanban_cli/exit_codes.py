"""The exit codes of `kanban` and their meanings."""

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
"""Exit code to its meaning."""
