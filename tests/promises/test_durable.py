"""Promise 3: acknowledged changes survive `kill -9`, for every actor and interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.validators import check_log
from tests.promises.table import in_every_cell
from tests.promises.ways import Pair, change, may, socket
from tests.server.rest import done
from tests.support.actors import Actor
from tests.support.databases import Databases


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Servers of this file's own, which may be killed."""
    with ExitStack() as stack:
        yield Databases(tmp_path_factory, stack)


@in_every_cell(3)
def test_an_acknowledged_change_survives_a_kill(actor: Actor, pair: Pair, way: str) -> None:
    before = pair.rows()
    if way == "stream":
        with socket(actor, f"board_id={actor.board}") as reader:
            assert json.loads(reader.recv(timeout=10))["event"] == "connected"
            done(pair.admin.post(f"/api/tickets/{pair.ids[0]}/move", json={"column": "Done"}))
            while (event := json.loads(reader.recv(timeout=10)))["event"] != "ticket_moved":
                pass
    else:
        outcome = change(actor, way, pair)
        assert outcome.refused == (None if may(actor, way) else "not-allowed"), outcome
    actor.server.kill()
    actor.server.start()
    rows, events = pair.rows(), pair.events()
    if way == "stream":
        assert events[-1]["cursor"] == event["cursor"]
        assert rows[0]["current_column"] == "Done"
    else:
        assert (rows != before) == may(actor, way)
        assert (events[-1]["event"] != "ticket_created") == may(actor, way)
    check_log(actor.admin(), actor.board)
