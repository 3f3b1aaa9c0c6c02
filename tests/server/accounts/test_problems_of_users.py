"""Refusals on a server with users: what each says, and that its fix leads on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import httpx
import pytest

from kanban_sdk import Kanban, NotAllowed
from tests.server.rest import Json, problem
from tests.support.databases import Databases
from tests.support.people import Guarded

PNG = b"\x89PNG\r\n\x1a\n"
_new = itertools.count()


class People:
    """A person with a board, a viewer of it, and requests that they may not make."""

    def __init__(self, guarded: Guarded) -> None:
        self.guarded = guarded
        self.name, self.viewer = (f"{name}{next(_new)}" for name in ("owner", "viewer"))
        self.owns, self.views = guarded.person(self.name), guarded.person(self.viewer)
        self.board = guarded.board(self.owns)
        guarded.member(self.owns, self.board, self.viewer, "viewer")

    def add(self, token: str | None, **more: str) -> httpx.Response:
        return self.guarded.ask(token, "POST", "/api/tickets", {"title": "t", "board_id": self.board, **more})

    def create_user(self, name: str) -> httpx.Response:
        return self.guarded.ask(self.guarded.root, "POST", "/api/users", {"name": name})

    def step_down(self) -> httpx.Response:
        self.guarded.leave_one_admin()
        return self._step_down()

    def _step_down(self) -> httpx.Response:
        return self.guarded.ask(self.guarded.root, "PATCH", "/api/users/root", {"role": "user"})

    def promote_and_step_down(self) -> httpx.Response:
        self.guarded.done(self.guarded.root, "PATCH", f"/api/users/{self.name}", {"role": "admin"})
        response = self._step_down()
        self.guarded.done(self.owns, "PATCH", "/api/users/root", {"role": "admin"})
        self.guarded.done(self.guarded.root, "PATCH", f"/api/users/{self.name}", {"role": "user"})
        return response

    def token(self) -> httpx.Response:
        headers = {"Idempotency-Key": f"token of {self.name}"}
        return self.guarded.rest(self.owns).post("/api/tokens", json={"name": "twice"}, headers=headers)

    def token_twice(self) -> httpx.Response:
        assert self.token().is_success
        return self.token()

    def revoke_and_make(self) -> httpx.Response:
        (token,) = [one for one in self.guarded.done(self.owns, "GET", "/api/tokens") if one["name"] == "twice"]
        self.guarded.done(self.owns, "DELETE", f"/api/tokens/{token['id']}")
        return self.guarded.ask(self.owns, "POST", "/api/tokens", {"name": "another"})

    def join(self, invite: str) -> httpx.Response:
        return self.guarded.ask(None, "POST", "/api/join", {"invite": invite, "name": f"guest{next(_new)}"})

    def invite(self) -> str:
        invite: Json = self.guarded.done(self.owns, "POST", "/api/invites", {"kind": "agent"})
        return str(invite["secret"])

    def picture(self, image: bytes) -> httpx.Response:
        headers = {"Content-Type": "image/png"}
        return self.guarded.rest(self.owns).put("/api/me/avatar", content=image, headers=headers)


class Provoked(NamedTuple):
    """How a refusal comes about, and what its `fix` says to do."""

    ask: Callable[[People], httpx.Response]
    follow: Callable[[People], httpx.Response]


PROVOKED: dict[str, Provoked] = {
    "not-authenticated": Provoked(lambda people: people.add(None), lambda people: people.add(people.owns)),
    "not-allowed": Provoked(lambda people: people.add(people.views), lambda people: people.add(people.owns)),
    "name-mismatch": Provoked(
        lambda people: people.add(people.owns, created_by=people.viewer),
        lambda people: people.add(people.owns, created_by=people.name),
    ),
    "name-taken": Provoked(
        lambda people: people.create_user(people.name),
        lambda people: people.create_user(f"{people.name} the second"),
    ),
    "secret-shown": Provoked(lambda people: people.token_twice(), lambda people: people.revoke_and_make()),
    "last-admin": Provoked(lambda people: people.step_down(), lambda people: people.promote_and_step_down()),
    "invalid-invite": Provoked(lambda people: people.join("kbi_none"), lambda people: people.join(people.invite())),
    "invalid-image": Provoked(
        lambda people: people.picture(b"<svg/>"),
        lambda people: people.picture(PNG),
    ),
}


@pytest.mark.parametrize("type", PROVOKED)
def test_a_refusal_on_a_server_with_users_has_a_fix_that_leads_on(guarded: Guarded, type: str) -> None:
    people, (ask, follow) = People(guarded), PROVOKED[type]
    assert problem(ask(people), type)["fix"]
    assert follow(people).is_success


def test_a_server_without_users_says_so_and_how_it_gets_some(
    databases: Databases, pytestconfig: pytest.Config, guarded: Guarded
) -> None:
    open_one = databases.server("sqlite", pytestconfig)
    refused = problem(httpx.post(f"{open_one.url}/api/users", json={"name": "eve"}), "open-mode")
    assert "kanban user create" in refused["fix"]  # which is how `guarded` was made
    assert guarded.ask(guarded.root, "POST", "/api/users", {"name": f"eve{next(_new)}"}).is_success


def test_a_stream_ends_where_its_reader_is_removed_and_goes_on_once_they_are_back(guarded: Guarded) -> None:
    people = People(guarded)
    with Kanban(guarded.server.url, token=people.views) as viewer:
        watch = viewer.watch(people.board)
        watch.connect()
        guarded.done(people.owns, "DELETE", f"/api/boards/{people.board}/members/{people.viewer}")
        with pytest.raises(NotAllowed) as refused:
            watch.next(timeout=20)
        assert refused.value.type == "removed"
        guarded.member(people.owns, people.board, people.viewer)
        with viewer.watch(people.board) as second:
            second.connect()
