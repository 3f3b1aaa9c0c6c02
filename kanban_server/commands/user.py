"""`python -m kanban_server user NAME`: create a user at the server's machine, which the first admin requires."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire.bodies.user_bodies import NewUserRequest
from kanban_sdk.wire.users import NewUser
from kanban_server.actions import boards
from kanban_server.actions.accounts import users
from kanban_server.commands.running_server import (
    JsonObject,
    ask_server,
    make_parser,
    migrate_database,
    open_database,
    run_and_print,
)
from kanban_server.rules.actors import SYSTEM_ACTOR
from kanban_server.store.file_lock import FileInUse
from kanban_server.store.maintenance import offline
from kanban_server.store.transaction import Transaction


def main(arguments: Sequence[str]) -> None:
    """Create the user and print the secret of a first token, which is shown only once."""
    parser = make_parser("user create", "Make a user, with a first token.")
    parser.add_argument("name", help="the name")
    parser.add_argument("--display-name", help="the name that is shown")
    parser.add_argument("--role", choices=["admin", "user", "viewer"], default="user", help="what they may do")
    parser.add_argument("--team", help="the team")
    parser.add_argument("--can", help="what they can of what tickets need, such as gpu,db")
    options = parser.parse_args(arguments)
    body: JsonObject = {
        "name": options.name, "display_name": options.display_name, "role": options.role, "team": options.team,
        "can": [tag for tag in (options.can or "").split(",") if tag.strip()],
    }  # fmt: skip

    def run() -> JsonObject:
        try:
            with open_database(options, may_create=True) as driver:
                migrate_database(driver)
                new_user = offline.run_change(driver, lambda tx: _create_board_and_user(tx, NewUserRequest(**body)))
                return {"user": vars(new_user.user), "secret": new_user.secret}
        except FileInUse as in_use:
            return ask_server(in_use, "/api/users", body)

    run_and_print(
        options, run, lambda result: f"{result['user']['name']}\t{result['user']['role']}\t{result['secret']}"
    )


def _create_board_and_user(tx: Transaction, user: NewUserRequest) -> NewUser:
    """Create the user. The first admin becomes an admin of all existing boards, the first board included."""
    boards.create_first(tx)
    return users.create(tx, SYSTEM_ACTOR, user)
