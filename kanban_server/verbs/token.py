"""`python -m kanban_server token NAME --user USER`: a token from the server's own machine, where others are lost."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire.user_bodies import TokenWanted
from kanban_server.actions import tokens
from kanban_server.rules.names import THE_SYSTEM
from kanban_server.store import alone
from kanban_server.store.filelock import FileInUse
from kanban_server.verbs.asking import Answer, ask, database, make_ready, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Make the token, and tell its secret, this once."""
    flags = parser("token create", "Make a token for a user.")
    flags.add_argument("name", help="what it is for")
    flags.add_argument("--user", required=True, help="whose it is")
    given = flags.parse_args(arguments)
    body: Answer = {"name": given.name, "user": given.user}

    def work() -> Answer:
        try:
            with database(given) as driver:
                make_ready(driver)
                made = alone.change(driver, lambda tx: tokens.make(tx, THE_SYSTEM, TokenWanted(**body)))
                return {"token": vars(made.token), "secret": made.secret}
        except FileInUse as in_use:
            return ask(in_use, "/api/tokens", body)

    speak(given, work, lambda made: f"{made['token']['user']}\t{made['token']['name']}\t{made['secret']}")
