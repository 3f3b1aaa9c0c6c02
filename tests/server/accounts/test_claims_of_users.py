"""With users, a claim's token fences and is no key: it counts for the holder and the agents of the same person."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.mcp import agent
from tests.support.people import Guarded

WRITES: dict[str, Callable[[int], tuple[str, str, Any]]] = {
    "move": lambda id: ("POST", f"/api/tickets/{id}/move", {"column": "Blocked"}),
    "edit": lambda id: ("PATCH", f"/api/tickets/{id}", {"title": "Taken"}),
    "base edit": lambda id: ("PUT", f"/api/tickets/{id}", {"current_column": "Done"}),
    "labels": lambda id: ("POST", f"/api/tickets/{id}/labels", {"add": ["x"]}),
    "append": lambda id: ("POST", f"/api/tickets/{id}/append", {"text": "x"}),
    "unblock": lambda id: ("POST", f"/api/tickets/{id}/unblock", {"on": [id]}),
    "ask": lambda id: ("POST", f"/api/tickets/{id}/ask", {"text": "Which?"}),
    "comment": lambda id: ("POST", "/api/comments", {"ticket_id": id, "text": "x"}),
    "renew": lambda id: ("POST", f"/api/tickets/{id}/lease", {"lease_seconds": 10}),
    "claim again": lambda id: ("POST", f"/api/tickets/{id}/claim", {"lease_seconds": 10}),
    "bulk move": lambda id: ("POST", "/api/bulk/tickets/move", {"ticket_ids": [id], "target_column": "Done"}),
    "batch": lambda id: ("POST", "/api/bulk/operations", {"operations": [{"op": "edit", "ticket": id, "title": "x"}]}),
    "done": lambda id: ("POST", f"/api/tickets/{id}/done", {"note": "seen"}),
    "delete": lambda id: ("DELETE", f"/api/tickets/{id}", None),
    "release": lambda id: ("POST", f"/api/tickets/{id}/release", {"note": "mine now"}),
}


@dataclass
class Team:
    """A board, its people, their agents, and a ticket that the holder's agent has claimed."""

    guarded: Guarded
    board: int
    tokens: dict[str, str]

    def ask(self, user: str, method: str, path: str, body: Any = None, lease: str | None = None) -> httpx.Response:
        headers = {"Kanban-Lease": lease} if lease else {}
        return self.guarded.ask(self.tokens[user], method, path, body, headers=headers)

    def claimed(self, by: str = "agent") -> tuple[int, str]:
        """A new ticket that somebody has claimed, and the claim's token as every member can read it."""
        ticket = self.guarded.ticket(self.tokens["root"], self.board)
        assert self.ask(by, "POST", f"/api/tickets/{ticket}/claim", {}).status_code == 200
        return ticket, self.ask("member", "GET", f"/api/tickets/{ticket}").json()["lease"]["token"]

    def seq(self) -> int:
        return int(self.ask("root", "GET", f"/api/boards/{self.board}/snapshot").json()["seq"])


OTHER_USERS = ("root", "board-admin", "member", "members-agent")
SAME = ("person", "agent", "sibling", "narrowed")


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request: pytest.FixtureRequest, databases: Databases) -> Team:
    guarded = databases.guarded(request.param, request.config)
    mark = uuid.uuid4().hex[:8]
    tokens = {name: guarded.person(f"{name}-{mark}") for name in ("person", "member", "board-admin", "watcher")}
    board = guarded.board(tokens["board-admin"])
    for name in ("person", "member", "watcher"):
        guarded.member(tokens["board-admin"], board, f"{name}-{mark}", "viewer" if name == "watcher" else "user")
    for name, owner in (("agent", "person"), ("sibling", "person"), ("members-agent", "member")):
        tokens[name] = guarded.agent(tokens[owner], f"{name}-{mark}")
    tokens["narrowed"] = guarded.token(tokens["person"], boards=[board])
    return Team(guarded, board, {**tokens, "root": guarded.root})


def test_a_token_of_somebody_elses_claim_is_refused_whatever_the_write_is(team: Team) -> None:
    ticket, lease = team.claimed()
    holder = team.ask("member", "GET", f"/api/tickets/{ticket}").json()["claim"]["holder"]
    before = team.seq()
    for write in WRITES.values():
        method, path, body = write(ticket)
        for user in OTHER_USERS:
            refused = problem(team.ask(user, method, path, body, lease), "already-claimed")
            assert (refused["held_by"], refused["ticket_id"]) == (holder, ticket)
            assert refused["expires_at"]
        problem(team.ask("watcher", method, path, body, lease), "not-allowed")
    for user in ("root", "board-admin"):  # `force` overrides a claim, and never goes with a token
        forced = team.ask(user, "POST", f"/api/tickets/{ticket}/move?force=true", {"column": "Done"}, lease)
        problem(forced, "already-claimed")
    assert team.seq() == before


@pytest.mark.parametrize("write", sorted(WRITES.keys() - {"delete"}))  # only who made a ticket deletes it
def test_the_holder_and_the_agents_of_the_same_person_write_under_the_token(team: Team, write: str) -> None:
    for user in SAME:
        for by in ("agent", "person"):
            ticket, lease = team.claimed(by)
            response = team.ask(user, *WRITES[write](ticket), lease)
            assert response.is_success, (user, by, response.text)


def test_without_the_token_an_agent_of_the_same_person_is_refused_like_anybody(team: Team) -> None:
    ticket, _ = team.claimed("agent")
    for user in ("person", "sibling", *OTHER_USERS):
        problem(team.ask(user, "POST", f"/api/tickets/{ticket}/move", {"column": "Done"}), "already-claimed")


def test_over_mcp_the_token_is_no_key_either(team: Team) -> None:
    ticket, lease = team.claimed()
    url = f"{team.guarded.server.url}/mcp"
    with agent(url, headers={"Authorization": f"Bearer {team.tokens['member']}"}) as other:
        for tool, arguments in (
            ("ticket_move", {"column": "Done"}),
            ("ticket_update", {"title": "Taken"}),
            ("comment_add", {"text": "x"}),
            ("ticket_lease", {"action": "renew"}),
            ("ticket_lease", {"action": "claim"}),
            ("ticket_lease", {"action": "release"}),
        ):
            other.refused("already-claimed", tool, ticket=ticket, lease=lease, **arguments)
    with agent(url, headers={"Authorization": f"Bearer {team.tokens['sibling']}"}) as own:
        own("ticket_move", ticket=ticket, column="Blocked", lease=lease)


def test_a_claim_stays_its_holders_when_the_user_is_renamed(team: Team) -> None:
    ticket, lease = team.claimed("person")
    me = team.ask("person", "GET", "/api/me").json()["name"]
    assert team.ask("root", "PATCH", f"/api/users/{me}", {"name": f"{me}-2"}).is_success
    assert team.ask("person", "PATCH", f"/api/tickets/{ticket}", {"title": "By id"}).is_success
    assert team.ask("agent", "PATCH", f"/api/tickets/{ticket}", {"title": "By token"}, lease).is_success
    problem(team.ask("member", "PATCH", f"/api/tickets/{ticket}", {"title": "no"}, lease), "already-claimed")


def test_a_token_of_an_ended_claim_is_refused_as_lost_to_everybody(team: Team) -> None:
    ticket, lease = team.claimed("person")
    assert team.ask("person", "POST", f"/api/tickets/{ticket}/release", {}).is_success
    for user in (*SAME, *OTHER_USERS):
        problem(team.ask(user, "PATCH", f"/api/tickets/{ticket}", {"title": "late"}, lease), "lease-lost")


def test_a_released_ticket_is_not_accepted_by_who_worked_on_it_nor_by_their_agents(team: Team) -> None:
    done = {"column": "Done"}
    assert team.ask("board-admin", "PATCH", f"/api/boards/{team.board}", {"review": True}).is_success
    for by in ("person", "agent"):
        for user in ("person", "agent", "sibling", "narrowed"):
            ticket, _ = team.claimed(by)
            path = f"/api/tickets/{ticket}"
            assert team.ask(by, "POST", f"{path}/release", {"column": "Ready for QC"}).is_success
            for response in (
                team.ask(user, "POST", f"{path}/move", done),
                team.ask(user, "PUT", path, {"current_column": "Done"}),
                team.ask(user, "POST", f"{path}/ask", {"text": "Done?", **done}),
                team.ask(
                    user,
                    "POST",
                    "/api/bulk/tickets/move",
                    {"ticket_ids": [ticket], "target_column": "Done", "atomic": True},
                ),
                team.ask(
                    user,
                    "POST",
                    "/api/bulk/operations",
                    {"operations": [{"op": "move", "ticket": ticket, **done}], "atomic": True},
                ),
            ):
                problem(response, "review-required")
            assert team.ask("member", "POST", f"{path}/move", done).is_success
    ticket, lease = team.claimed("agent")
    path = f"/api/tickets/{ticket}"
    problem(team.ask("agent", "POST", f"{path}/release", done), "review-required")
    problem(team.ask("sibling", "POST", f"{path}/move", done, lease), "review-required")
    assert team.ask("board-admin", "POST", f"{path}/move?force=true", done).is_success


def test_on_a_review_board_the_last_claim_counts_and_no_earlier_one(team: Team) -> None:
    assert team.ask("board-admin", "PATCH", f"/api/boards/{team.board}", {"review": True}).is_success
    ticket, _ = team.claimed("person")
    path = f"/api/tickets/{ticket}"
    assert team.ask("person", "POST", f"{path}/release", {}).is_success
    assert team.ask("member", "POST", f"{path}/claim", {}).is_success
    problem(team.ask("member", "POST", f"{path}/move", {"column": "Done"}), "review-required")
    assert team.ask("member", "POST", f"{path}/release", {"column": "Ready for QC"}).is_success
    problem(team.ask("member", "POST", f"{path}/move", {"column": "Done"}), "review-required")
    assert team.ask("person", "POST", f"{path}/move", {"column": "Done"}).is_success
