"""`python -m kanban_server token NAME --user USER`: create a token on the server, for when all others are lost."""

from __future__ import annotations

from collections.abc import Sequence

from kanban_sdk.wire.bodies.user_bodies import NewTokenRequest
from kanban_server.actions.accounts import tokens
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


def main(arguments: Sequence[str]) -> None:
    """Create the token and print its secret, which is shown only once."""
    parser = make_parser("token create", "Make a token for a user.")
    parser.add_argument("name", help="what it is for")
    parser.add_argument("--user", required=True, help="whose it is")
    options = parser.parse_args(arguments)
    body: JsonObject = {"name": options.name, "user": options.user}

    def run() -> JsonObject:
        try:
            with open_database(options) as driver:
                migrate_database(driver)
                new_token = offline.run_change(
                    driver, lambda tx: tokens.create(tx, SYSTEM_ACTOR, NewTokenRequest(**body))
                )
                return {"token": vars(new_token.token), "secret": new_token.secret}
        except FileInUse as in_use:
            return ask_server(in_use, "/api/tokens", body)

    run_and_print(
        options, run, lambda result: f"{result['token']['user']}\t{result['token']['name']}\t{result['secret']}"
    )
