"""An agent waits for events of its board, and reads its inbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from kanban_sdk import Board, Kanban
from tests.support.mcp import Agent


def test_who_waits_is_woken_by_others_and_misses_nothing(ada: Agent, bob: Agent) -> None:
    cursor = ada("board_state")["cursor"]
    ticket = ada("ticket_create", title="One")["id"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: ada("wait_events", after=cursor, ticket=ticket, seconds=30))
        comment = bob("comment_add", ticket=ticket, text="c" * 600)
        events = waiting.result(timeout=20)
    (event,) = events["events"]
    assert (event["event"], event["by"], event["ticket"]) == ("comment_added", "bob", ticket)
    assert event["text"] == "c" * 500 + "… (600 bytes)"
    assert (events["timed_out"], comment["ticket"]) == (False, ticket)

    nothing = ada("wait_events", after=events["cursor"], seconds=0.05)
    assert nothing == {"events": [], "cursor": events["cursor"], "timed_out": True}
    bob("ticket_move", ticket=ticket, column="Blocked")
    bob("ticket_move", ticket=ticket, column="Done")
    later = ada("wait_events", after=nothing["cursor"], seconds=0)
    assert [(event["from_column"], event["column"]) for event in later["events"]] == [
        ("Not Started", "Blocked"),
        ("Blocked", "Done"),
    ]


def test_a_question_comes_into_an_inbox_and_its_answer_to_who_waits(ada: Agent, bob: Agent) -> None:
    ticket = ada("ticket_create", title="One")["id"]
    bob("ticket_lease", ticket=ticket, action="claim")
    question = bob("ticket_ask", ticket=ticket, text="Which region?\n@bob knows not", key="once")
    assert bob("ticket_ask", ticket=ticket, text="Which region?\n@bob knows not", key="once") == question
    bob("comment_add", ticket=ticket, text="I mean you, @ada " + "y" * 300)
    state = ada("board_state")
    asked, mention = state["inbox"]
    assert (asked["ticket"], asked["kind"], asked["by"]) == (ticket, "ask", "bob")
    assert (mention["ticket"], mention["kind"], mention["by"], state["unread"]) == (ticket, "mention", "bob", 2)
    assert mention["text"].endswith("… (317 bytes)")
    assert "unread: 2\n" in ada.read("kanban://prime")
    ada("comment_add", ticket=ticket, text="eu-west", read=mention["cursor"])
    assert ada("board_state")["unread"] == 0
    reply, moved = bob("wait_events", after=question["cursor"], ticket=ticket, seconds=20)["events"]
    assert (reply["by"], reply["text"], moved["event"]) == ("ada", "eu-west", "ticket_moved")
    bob.refused("not-found", "ticket_update", ticket=ticket, check=[1])


def test_a_long_history_comes_in_pieces_without_a_gap(ada: Agent, kanban: Kanban, board: Board) -> None:
    for n in range(25):
        kanban.tickets.create(f"{n}", board=board.id)
    seqs: list[int] = []
    cursor, over = "0", False
    while not over:
        events = ada("wait_events", after=cursor, own=True, seconds=0)
        seqs += [event["seq"] for event in events["events"]]
        cursor, over = events["cursor"], events["timed_out"]
    assert seqs == list(range(1, 27))
