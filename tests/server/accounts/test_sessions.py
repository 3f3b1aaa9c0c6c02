"""Tokens, sessions and sockets against those who mean harm."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from kanban_server.rules import tokens
from kanban_server.secret_generator import generate_secret
from tests.server.rest import problem
from tests.support.people import Guarded, closing_code, stream

COOKIE = "kanban_session"


@contextmanager
def browser(guarded: Guarded) -> Iterator[httpx.Client]:
    """A browser, with cookies of its own, that says where its pages are from."""
    headers = {"Origin": guarded.server.url}
    with httpx.Client(base_url=guarded.server.url, headers=headers, timeout=30, verify=False) as client:
        yield client


def logged_in(client: httpx.Client, token: str) -> str:
    """The browser's new session."""
    response = client.post("/api/session", json={"token": token})
    assert response.status_code == 200, response.text
    return client.cookies[COOKIE]


def test_a_token_is_told_from_a_typing_error_and_only_its_hash_is_kept() -> None:
    one, other = generate_secret("token"), generate_secret("token")
    assert re.fullmatch(r"kbn_[0-9A-Za-z]{36}", one)
    assert one != other
    assert tokens.is_secret("token", one)
    for changed in (one[:-1] + ("a" if one[-1] != "a" else "b"), one[:-1], one + "a", one.upper(), "", "kbn_"):
        assert not tokens.is_secret("token", changed)
    assert not tokens.is_secret("token", generate_secret("session"))
    assert one not in repr(tokens.hash_secret(one))
    assert 62**tokens.RANDOM_LENGTH > 2**160


def test_no_database_holds_a_secret(guarded: Guarded) -> None:
    secret = guarded.person("hal")
    with browser(guarded) as client:
        session = logged_in(client, secret)
    invite = guarded.done(secret, "POST", "/api/invites", {})["secret"]
    with sqlite3.connect(guarded.server.database) as file:
        held = "\n".join(file.iterdump())
    for one in (secret, session, invite, guarded.root):
        assert one not in held
        assert one.encode().hex() not in held.lower()


def test_a_browser_logs_in_with_a_cookie_that_no_page_can_read(guarded: Guarded) -> None:
    secret = guarded.person("iris")
    with browser(guarded) as client:
        assert client.get("/api/session").json() == {
            "mode": "tokens", "user": None, "token": None, "access": None, "boards": None, "expires_at": None,
            "can": None,
        }  # fmt: skip
        problem(client.post("/api/session", json={"token": "kbn_" + "a" * 36}), "not-authenticated")
        response = client.post("/api/session", json={"token": secret})
        cookie = response.headers["set-cookie"].lower()
        assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
        assert "secure" not in cookie
        assert secret not in response.text + str(response.headers)
        assert client.get("/api/me").json()["name"] == "iris"
        assert client.post("/api/boards", json={"name": "Iris'"}).status_code == 201
        assert client.delete("/api/session").status_code == 200
        problem(client.get("/api/me"), "not-authenticated")
        by_tls = client.post("/api/session", json={"token": secret}, headers={"Origin": "https://127.0.0.1:1"})
    assert "secure" in by_tls.headers["set-cookie"].lower()


def test_a_login_makes_a_new_session_whatever_cookie_was_there(guarded: Guarded) -> None:
    secret = guarded.person("jo")
    planted = generate_secret("session")

    def log_in(cookie: str) -> str:
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        with browser(guarded) as client:
            return str(client.post("/api/session", json={"token": secret}, headers=headers).cookies[COOKIE])

    def is_valid(cookie: str) -> bool:
        response = guarded.rest(None).get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"})
        return response.status_code == 200

    first = log_in(planted)
    assert (is_valid(planted), is_valid(first)) == (False, True)
    second = log_in(first)
    assert (is_valid(first), is_valid(second)) == (False, True)  # the session of before the login has ended


def version(guarded: Guarded) -> int:
    """How often it has changed who may do what: each change makes every stream look at its rights anew."""
    with sqlite3.connect(guarded.server.database) as file:
        return int(file.execute("SELECT version FROM roster").fetchone()[0])


def test_a_logout_with_a_cookie_of_no_session_changes_nothing_for_anybody(guarded: Guarded) -> None:
    secret = guarded.person("ned")
    expired, living = (logged_in_anew(guarded, secret) for _ in range(2))
    with sqlite3.connect(guarded.server.database) as file:
        ends = ("2020-01-01T00:00:00.000000Z", tokens.hash_secret(expired))
        file.execute("UPDATE sessions SET expires_at = ? WHERE hash = ?", ends)
    before = version(guarded)
    for cookie in (generate_secret("session"), "nonsense", "", expired):
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        response = guarded.rest(None).delete("/api/session", headers=headers)
        assert response.status_code == 200
        assert "max-age=0" in response.headers["set-cookie"].lower(), "the browser forgets the cookie"
    assert guarded.rest(None).delete("/api/session").status_code == 200
    assert version(guarded) == before
    cookie_of_ned = {"Cookie": f"{COOKIE}={living}"}
    assert guarded.rest(None).get("/api/me", headers=cookie_of_ned).json()["name"] == "ned"
    assert guarded.rest(None).delete("/api/session", headers=cookie_of_ned).status_code == 200
    assert version(guarded) == before + 1
    problem(guarded.rest(None).get("/api/me", headers=cookie_of_ned), "not-authenticated")


def logged_in_anew(guarded: Guarded, secret: str) -> str:
    """A session of a browser that had none."""
    with browser(guarded) as client:
        return logged_in(client, secret)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_cookie_that_is_good_no_longer_locks_nobody_out(guarded: Guarded, elsewhere: bool) -> None:
    """Not of the public pages, nor of a login, nor of a request with a token; whatever page sends it along."""
    secret = guarded.person(f"otto-{elsewhere}")
    for cookie in (generate_secret("session"), "nonsense"):
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        headers["Origin"] = "http://localhost:5173" if elsewhere else guarded.server.url
        bearer = {**headers, "Authorization": f"Bearer {secret}"}

        def ask(method: str, path: str, headers: dict[str, str] = headers, body: object = None) -> httpx.Response:
            return httpx.request(method, guarded.server.url + path, json=body, headers=headers)

        for path in ("/", "/login", "/health", "/ready", "/openapi.json", "/api/session"):
            assert ask("GET", path).status_code == 200, path
        assert ask("POST", "/api/session", body={"token": secret}).status_code == 200
        assert ask("DELETE", "/api/session").status_code == 200
        assert ask("GET", "/api/me", bearer).json()["name"] == f"otto-{elsewhere}"
        assert ask("POST", "/api/boards", bearer, {"name": "Otto's"}).status_code == 201
    following = stream(guarded, Authorization=f"Bearer {secret}", Cookie=f"{COOKIE}={generate_secret('session')}")
    assert json.loads(following.recv(timeout=10))["data"]["username"] == f"otto-{elsewhere}"
    following.close()


def test_a_session_is_no_token_and_a_token_is_no_session(guarded: Guarded) -> None:
    secret = guarded.person("kai")
    with browser(guarded) as client:
        session = logged_in(client, secret)
    for headers in ({"Authorization": f"Bearer {session}"}, {"Cookie": f"{COOKIE}={secret}"}):
        problem(guarded.rest(None).get("/api/me", headers=headers), "not-authenticated")


def test_a_page_from_elsewhere_can_not_use_the_session(guarded: Guarded) -> None:
    """Another port of this machine is the same site to a browser, so that it would send the cookie along."""
    with browser(guarded) as client:
        session = logged_in(client, guarded.root)
        before = len(client.get("/api/boards").json())
        for origin in ("http://localhost:5173", "http://127.0.0.1:1", "https://evil.example", "null"):
            for response in (
                client.post("/api/boards", json={"name": "evil"}, headers={"Origin": origin}),
                client.post("/api/tickets/1/claim", headers={"Origin": origin}),
                client.get("/api/boards", headers={"Origin": origin}),
            ):
                problem(response, "origin-refused")
            with pytest.raises(InvalidStatus) as refused:
                stream(guarded, Cookie=f"{COOKIE}={session}", Origin=origin)
            assert refused.value.response.status_code == 403
        assert len(client.get("/api/boards").json()) == before
    mine = stream(guarded, Cookie=f"{COOKIE}={session}", Origin=guarded.server.url)
    assert json.loads(mine.recv(timeout=10))["data"]["username"] == "root"
    mine.close()


def test_a_host_that_is_not_ours_is_refused_whatever_token_it_brings(guarded: Guarded) -> None:
    response = guarded.rest(guarded.root).get("/api/boards", headers={"Host": "rebound.example"})
    problem(response, "host-refused")


def test_another_name_than_the_tokens_is_refused_wherever_it_stands(guarded: Guarded) -> None:
    secret = guarded.person("lea")
    board = guarded.board(secret)
    ticket = guarded.ticket(secret, board)
    rest = guarded.rest(secret)
    for response in (
        rest.post("/api/tickets", json={"title": "t", "board_id": board, "created_by": "root"}),
        rest.post(f"/api/tickets/{ticket}/claim?agent_id=root"),
        rest.get("/api/boards", headers={"X-Kanban-User": "root"}),
        rest.post("/api/comments", json={"ticket_id": ticket, "text": "t", "author": "root"}),
        rest.delete(f"/api/tickets/{ticket}?deleted_by=root"),
    ):
        assert problem(response, "name-mismatch")["user"] == "lea"
    assert closing_code(stream(guarded, "?username=root", Authorization=f"Bearer {secret}")) == 4403
    assert rest.get("/api/boards", headers={"X-Kanban-User": "lea"}).status_code == 200
    assert guarded.ticket(secret, board, created_by="lea")


def test_a_token_is_of_no_use_in_an_address(guarded: Guarded) -> None:
    problem(guarded.ask(None, "GET", f"/api/boards?token={guarded.root}"), "not-authenticated")
    assert closing_code(stream(guarded, f"?token={guarded.root}")) == 4401


def test_no_secret_is_written_down(guarded: Guarded) -> None:
    """Behind the tests before, with tokens in headers, cookies, addresses and bodies, good ones and bad ones."""
    secret = guarded.person("max")
    with browser(guarded) as client:
        session = logged_in(client, secret)
        client.get(f"/api/boards/{secret}")
        client.get(f"/{secret}?token={secret}")
        client.post("/api/join", json={"invite": secret})
        client.post("/api/tickets", content=f'{{"title": "{secret}"', headers={"Content-Type": "application/json"})
    closing_code(stream(guarded, f"?board_id=1&token={secret}", Cookie=f"{COOKIE}={secret}"))
    with socket.create_connection(("127.0.0.1", guarded.server.port)) as raw:
        raw.sendall(b"GET /" + secret.encode() + b" HTTP/9\r\nAuthorization: Bearer " + secret.encode() + b"\r\n\r\n")
        raw.recv(1000)
    output = guarded.server.log_text()
    for one in (secret, session, guarded.root):
        assert one not in output
    assert not re.search(r"kbn_(s_|i_)?[0-9A-Za-z]{30}", output)


def test_an_avatar_is_an_image_and_is_served_as_nothing_else(guarded: Guarded) -> None:
    secret = guarded.person("quin")
    rest = guarded.rest(secret)
    for evil in (b"<svg onload=alert(1)>", b"<html>", b"", b"\x89PNG\r\n\x1a\n" + b"x" * 65536):
        problem(rest.put("/api/me/avatar", content=evil), "invalid-image")
    assert rest.patch("/api/me", json={"theme": "dark"}).status_code == 200
    changed = rest.put("/api/me/avatar", content=b"GIF89a<script>")
    assert (changed.status_code, changed.json()["theme"]) == (200, "dark")  # what only oneself sees is in it
    shown = rest.get(rest.get("/api/me").json()["avatar"])
    assert (shown.content, shown.headers["content-type"]) == (b"GIF89a<script>", "image/gif")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert rest.delete("/api/me/avatar").status_code == 200
    assert rest.get("/api/me").json()["avatar"] is None


def test_the_last_admin_stays(guarded: Guarded) -> None:
    guarded.leave_one_admin()
    for change in ({"role": "user"}, {"disabled": True}):
        problem(guarded.ask(guarded.root, "PATCH", "/api/users/root", change), "last-admin")
