"""What may be a priority, and which comes first."""

from __future__ import annotations

import httpx

from kanban_server.rules.priorities import sort_key
from tests.server.rest import done, new_ticket, problem

VALID = ["critical", "high", "medium", "low", "2.0", "1.0.1", "0", "007", "999999", "1.2.3.4.5.6.7.8", "4.0"]
REFUSED = [
    "", " ", "High", "URGENT", "asap", "1.", ".1", "1..2", "-1", "+1", "1,0", "1e3", "1000000", "1.2.3.4.5.6.7.8.9",
    "1.0 ", "1.0\n", "١", "²", "1.x", "high\0", "critical'--", "NaN",
]  # fmt: skip


def test_a_priority_is_given_back_as_it_was_sent(rest: httpx.Client, board_id: int) -> None:
    assert [new_ticket(rest, board_id, priority=priority)["priority"] for priority in VALID] == VALID


def test_urgent_reads_as_critical(rest: httpx.Client, board_id: int) -> None:
    ticket = new_ticket(rest, board_id, priority="urgent")
    assert ticket["priority"] == "critical"
    assert done(rest.patch(f"/api/tickets/{ticket['id']}", json={"priority": "urgent"}))["version"] == 1


def test_anything_else_is_refused(rest: httpx.Client, board_id: int) -> None:
    for priority in REFUSED:
        response = rest.post("/api/tickets/", json={"title": "t", "board_id": board_id, "priority": priority})
        assert problem(response, "invalid-priority")["priorities"] == ["critical", "high", "medium", "low"]


def test_priorities_sort_by_parts_and_words_are_0_to_3() -> None:
    in_order = ["critical", "0.5", "high", "1.0.1", "1.0.10", "1.2", "1.10", "medium", "2.0", "low", "4.0", "10"]
    shuffled = sorted(in_order, reverse=True)
    assert sorted(shuffled, key=lambda priority: sort_key(priority).encode()) == in_order
    assert [sort_key(word) for word in ("critical", "high", "medium", "low")] == [sort_key(n) for n in "0123"]
    assert sort_key("1.0") != sort_key("1")
