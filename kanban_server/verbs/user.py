"""`python -m kanban_server user NAME`: make a user from the server's own machine, as the first admin has to be."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire.user_bodies import UserWanted
from kanban_sdk.wire.users import NewUser
from kanban_server.actions import boards, users
from kanban_server.rules.names import THE_SYSTEM
from kanban_server.store import alone
from kanban_server.store.filelock import FileInUse
from kanban_server.store.transaction import Transaction
from kanban_server.verbs.asking import Answer, ask, database, make_ready, parser, speak


def main(arguments: Sequence[str]) -> None:
    """Make the user, and tell the secret of a first token, this once."""
    flags = parser("user create", "Make a user, with a first token.")
    flags.add_argument("name", help="the name")
    flags.add_argument("--display-name", help="the name that is shown")
    flags.add_argument("--role", choices=["admin", "user", "viewer"], default="user", help="what they may do")
    flags.add_argument("--team", help="the team")
    given = flags.parse_args(arguments)
    body: Answer = {
        "name": given.name, "display_name": given.display_name, "role": given.role, "team": given.team,
    }  # fmt: skip

    def work() -> Answer:
        try:
            with database(given, new=True) as driver:
                make_ready(driver)
                made = alone.change(driver, lambda tx: _first_board_then_user(tx, UserWanted(**body)))
                return {"user": vars(made.user), "secret": made.secret}
        except FileInUse as in_use:
            return ask(in_use, "/api/users", body)

    speak(given, work, lambda made: f"{made['user']['name']}\t{made['user']['role']}\t{made['secret']}")


def _first_board_then_user(tx: Transaction, wanted: UserWanted) -> NewUser:
    """The first admin is an admin of the boards that there are, and the first board is one of them."""
    boards.create_first(tx)
    return users.create(tx, THE_SYSTEM, wanted)
