"""The events of real logs are as `/events.schema.json` describes them, and the SDK reads each as its own type."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from kanban_sdk import Kanban
from kanban_sdk.wire.events import EVENTS
from tests.contracts.logs import Json, check_described, invalid
from tests.faults.test_repair import damage, doctor, lose
from tests.support.servers import Server


def every_kind_of_event(kanban: Kanban, server: Server) -> None:
    """Make a history in which every type of event occurs."""
    board = kanban.boards.create("Every kind", columns=["Todo", "Doing", "Done"]).id
    column = kanban.boards.get(board).column_settings[1].id
    kanban.boards.edit_column(board, column, name="Working")
    tickets = kanban.tickets
    first, second, third = (tickets.create(title, board=board, labels=["x"]).id for title in ("one", "two", "three"))
    tickets.edit(first, title="uno", description="a secret", assignee="bob")
    tickets.block(second, first)
    tickets.claim(first)
    tickets.release(first, note="later")
    comment = kanban.comments.add(first, "@bob look").id
    kanban.comments.edit(comment, "@eve look")
    kanban.comments.delete(comment)
    kanban.files.attach(first, b"a", name="a.txt")
    kanban.files.remove(first, "a.txt")
    tickets.redact(first, "a secret")
    tickets.move(first, "Done")
    tickets.delete(second)
    tickets.restore(second)
    kanban.boards.archive(board, days=0)
    sides = (tickets.create("a", board=board).id, tickets.create("b", board=board).id)
    moves = [{"op": "move", "ticket": ticket, "column": "Todo", "after": third} for ticket in sides * 200]
    tickets.batch(moves)  # each goes between the third and the other, until the places become too long
    moved = {"field_name": "current_column", "old_value": "Todo", "new_value": "Done", "changed_by": "eve"}
    past = {"created_at": "2026-01-01T08:00:00Z", "history": [{**moved, "changed_at": "2026-01-02T08:00:00Z"}]}
    kanban.boards.import_tickets(board, [{"source_id": "past", "title": "past", "current_column": "Done", **past}])
    asking = tickets.create("asking", board=kanban.boards.create("With a waiting column").id).id
    tickets.ask(asking, "which?")
    tickets.withdraw(asking)
    deleted = kanban.boards.create("Gone").id
    kanban.boards.delete(deleted)
    damage(server.database, *lose(kanban, board, lambda: tickets.edit(third, title="not logged")))
    doctor(server.database, "--repair")


def test_the_schema_is_json_schema_of_2020_12(event_schema: Json) -> None:
    assert event_schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(event_schema)
    assert {name["$ref"].rpartition("/")[2] for name in event_schema["oneOf"]} == {
        kind.__name__ for kind in EVENTS.values()
    }


def test_every_kind_of_event_is_as_described(own_server: Server) -> None:
    with own_server.kanban("ada") as kanban:
        every_kind_of_event(kanban, own_server)
    assert {event["event"] for event in check_described(own_server)} == EVENTS.keys()


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "ticket_vanished", "type": "ticket_vanished"},
        {"seq": 0},
        {"seq": None},
        {"cursor": 7},
        {"data": {"id": 1, "title": "x", "from_column": "A", "to_column": "B", "place": "a"}},
    ],
)
def test_a_wrong_event_is_refused(event_schema: Json, wrong: Json) -> None:
    data = {"id": 1, "title": "x", "from_column": "A", "to_column": "B", "place": "a", "version": 2}
    name = "ticket_moved"
    envelope = {"board_id": 1, "seq": 1, "cursor": "x-1", "actor": "ada", "actor_id": None, "tx": "t"}
    event = {"event": name, "type": name, **envelope, "timestamp": "2026-01-01T00:00:00.000Z", "data": data}
    assert invalid(event_schema, [event]) == []
    assert len(invalid(event_schema, [{**event, **wrong}])) == 1
    if "seq" not in wrong and "cursor" not in wrong:
        envelope_schema = {**event_schema, "oneOf": [{"$ref": "#/$defs/Event"}]}
        assert invalid(envelope_schema, [{**event, **wrong}]) == [], "an unknown name is an event all the same"
