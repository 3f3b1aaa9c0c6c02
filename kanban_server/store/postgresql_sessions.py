"""How sessions of PostgreSQL begin: directly, or through a pooler of transactions."""

from __future__ import annotations

from typing import Any, NamedTuple

from kanban_server.rules.problems import Refusal


class SessionSettings(NamedTuple):
    """The settings of our sessions, in the two places where they can be set."""

    connect_arguments: dict[str, Any]
    """Arguments for psycopg's `connect`."""
    after_begin: str
    """SQL behind `BEGIN`, in each transaction; empty if the session has the settings."""


def session_settings(lock_seconds: float, *, transaction_pooling: bool) -> SessionSettings:
    """The settings of a session that waits at most `lock_seconds` for a lock.

    A pooler of transactions gives each transaction any session of the server. Such a session has no prepared statements
    of ours, and the pooler refuses settings at its start, so each transaction sets them for itself.
    """
    settings = {
        "lock_timeout": f"{int(lock_seconds * 1000)}",
        "idle_in_transaction_session_timeout": "60000",
        "jit": "off",  # recursive queries are estimated so costly that JIT compilation would take a second
    }
    if transaction_pooling:
        calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())
        return SessionSettings({"prepare_threshold": None}, f"; SELECT {calls}")
    return SessionSettings({"options": " ".join(f"-c {name}={value}" for name, value in settings.items())}, "")


def check_client() -> None:
    """Refused: `invalid-request`, if the client of PostgreSQL is not installed or can't be loaded."""
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise Refusal(
            "invalid-request",
            f"PostgreSQL needs a client that is not installed here ({error}).",
            fix="pip install 'agent-kanban[postgres]'",
        ) from error
