"""Who asks too often is told when to come again, and holds up nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kanban_server.secret_generator import generate_secret
from kanban_server.settings import Settings
from tests.server.rest import Json, problem
from tests.support.databases import Databases
from tests.support.people import Guarded, first_admin
from tests.support.servers import Server, running
from tests.support.services import Redis, own_redis

MANY = 5
PAGE = {"Origin": "http://localhost:5173"}
LIMITS = {"KANBAN_TOKEN_LIMIT": f"{MANY}/hour", "KANBAN_NAME_LIMIT": f"{MANY}/hour"}


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with own_redis() as server:
        yield server


@pytest.fixture(scope="module")
def strict(databases: Databases, pytestconfig: pytest.Config, redis: Redis) -> Iterator[Server]:
    """A server that lets nobody ask often, behind a proxy that it knows."""
    more = {"KANBAN_PROXIES": "127.0.0.0/8", "KANBAN_REDIS_URL": redis.url}
    with running(databases.make("sqlite", pytestconfig), **LIMITS, **more) as server:
        yield server


@pytest.fixture(scope="module")
def other_instance(databases: Databases, pytestconfig: pytest.Config, redis: Redis) -> Iterator[Server]:
    """Another instance, which knows no proxy."""
    with running(databases.make("sqlite", pytestconfig), **LIMITS, KANBAN_REDIS_URL=redis.url) as server:
        yield server


def ask(server: Server, headers: dict[str, str], times: int = 1) -> httpx.Response:
    """Ask so often; the last answer."""
    with httpx.Client(base_url=server.url, headers=headers) as rest:
        return [rest.get("/api/boards") for _ in range(times)][-1]


def refused(response: httpx.Response) -> Json:
    """A refusal that says when to come again."""
    body = problem(response, "too-many-requests")
    assert 0 < body["retry_after"] <= 3600
    assert response.headers["retry-after"] == str(body["retry_after"])
    return body


def test_each_token_and_each_name_has_its_limit_to_itself(strict: Server) -> None:
    for mine, theirs in (
        ({"Authorization": "Bearer kbn_one"}, {"Authorization": "Bearer kbn_two"}),
        ({"Cookie": "x=y; kanban_session=one"}, {"Cookie": "x=y; kanban_session=two"}),
        ({"X-Kanban-User": "ada"}, {"X-Kanban-User": "bob"}),
    ):
        assert ask(strict, mine, MANY).status_code == 200
        refused(ask(strict, mine))
        assert ask(strict, theirs).status_code == 200
    assert httpx.get(f"{strict.url}/health", headers={"X-Kanban-User": "ada"}).status_code == 200


def readable(response: httpx.Response) -> None:
    """A refusal that a page of another origin may read, and when to come again."""
    refused(response)
    assert response.headers["access-control-allow-origin"] == PAGE["Origin"]
    assert "Retry-After" in response.headers["access-control-expose-headers"].split(", ")


def test_a_page_of_another_origin_may_read_when_to_come_again(strict: Server) -> None:
    readable(ask(strict, {"X-Kanban-User": "page", **PAGE}, MANY + 1))


def test_an_address_is_believed_from_a_proxy_that_is_known_and_from_no_other(
    strict: Server, other_instance: Server
) -> None:
    for number in range(MANY + 1):
        spoofed = f"198.51.100.{number}, 203.0.113.7"  # the proxy puts the address that it saw at the end
        response = ask(strict, {"X-Forwarded-For": spoofed})
    refused(response)
    assert ask(strict, {"X-Forwarded-For": "203.0.113.8"}).status_code == 200
    for number in range(MANY + 1):
        response = ask(other_instance, {"X-Forwarded-For": f"203.0.113.{number}"})
    refused(response)


def test_instances_count_together_while_there_is_a_redis_and_each_by_itself_without(
    strict: Server, other_instance: Server, redis: Redis
) -> None:
    mine = {"Authorization": "Bearer kbn_both"}
    assert ask(strict, mine, 3).status_code == ask(other_instance, mine, 2).status_code == 200
    refused(ask(other_instance, mine))
    refused(ask(strict, mine))
    redis.stop()
    assert ask(strict, mine, MANY).status_code == 200
    refused(ask(strict, mine))
    assert ask(other_instance, mine).status_code == 200
    assert "Redis is away" in strict.log_text()
    redis.start()


def test_a_person_does_not_get_around_the_limit_with_more_tokens_and_agents(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    with running(database, KANBAN_TOKEN_LIMIT="1000/hour", KANBAN_PERSON_LIMIT="15/hour") as server:
        guarded = Guarded(server, root)
        ann, bob = guarded.person("ann"), guarded.person("bob")  # by root: 2 requests
        agent = guarded.agent(ann, "ann-agent")
        narrowed = guarded.token(ann, access="read")
        session = guarded.ask(None, "POST", "/api/session", {"token": ann}).cookies["kanban_session"]
        guarded.rest(None).cookies.clear()
        for number in range(13):
            token = (ann, agent, narrowed)[number % 3]
            assert guarded.ask(token, "GET", "/api/boards").status_code == 200
        for token in (ann, agent, narrowed):
            refused(guarded.ask(token, "GET", "/api/boards"))
        refused(guarded.ask(None, "GET", "/api/boards", headers={"Cookie": f"kanban_session={session}"}))
        readable(guarded.ask(ann, "GET", "/api/boards", headers=PAGE))
        for token in (bob, root):
            assert guarded.ask(token, "GET", "/api/boards").status_code == 200


def test_the_limit_of_a_person_is_ten_times_that_of_a_token_unless_it_is_set() -> None:
    assert Settings().effective_person_limit == "12000/minute"
    assert Settings(token_limit="3/second").effective_person_limit == "30/second"
    assert Settings(token_limit="3/second", person_limit="5/day").effective_person_limit == "5/day"
    assert Settings(token_limit="").effective_person_limit == ""
    with pytest.raises(ValueError, match="KANBAN_PERSON_LIMIT"):
        Settings(person_limit="many")


def test_failed_logins_are_slowed_by_address_and_a_good_token_at_that_address_is_not(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    with running(database, KANBAN_LOGIN_LIMIT=f"{MANY}/hour", KANBAN_PROXIES="127.0.0.1") as server:
        guarded = Guarded(server, root)
        wrong = [root[:-1] + ("a" if root[-1] != "a" else "b"), "kbn_p_guess", None]
        tries = [guarded.ask(wrong[number % 3], "GET", "/api/boards") for number in range(MANY)]
        assert {response.status_code for response in tries} == {401}
        for token in wrong:
            readable(guarded.ask(token, "GET", "/api/boards", headers=PAGE))
        assert guarded.ask(root, "GET", "/api/boards").status_code == 200
        elsewhere = {"X-Forwarded-For": "203.0.113.9"}
        assert guarded.ask(None, "GET", "/api/boards", headers=elsewhere).status_code == 401


def test_logouts_with_a_cookie_of_no_session_count_as_failed_logins(
    databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    with running(database, KANBAN_LOGIN_LIMIT=f"{MANY}/hour") as server:
        guarded = Guarded(server, root)
        assert guarded.ask(None, "DELETE", "/api/session").status_code == 200  # who shows nothing guesses nothing
        for number in range(MANY):
            guess = {"Cookie": f"kanban_session={generate_secret('session') if number else 'x'}"}
            assert guarded.ask(None, "DELETE", "/api/session", headers=guess).status_code == 200
        refused(guarded.ask(None, "DELETE", "/api/session", headers=guess))
        refused(guarded.ask(None, "POST", "/api/session", {"token": generate_secret("token")}))
        good = guarded.ask(None, "POST", "/api/session", {"token": root}, headers=guess)
        assert good.status_code == 200, "neither the failures nor the cookie hold up a login with a good token"
        session = {"Cookie": f"kanban_session={good.cookies['kanban_session']}"}
        assert guarded.ask(None, "DELETE", "/api/session", headers=session).status_code == 200


def test_failed_logins_of_sockets_count_too(databases: Databases, pytestconfig: pytest.Config) -> None:
    database = databases.make("sqlite", pytestconfig)
    root = first_admin(database)
    with running(database, KANBAN_LOGIN_LIMIT=f"{MANY}/hour") as server:
        closed = [knock(server, "kbn_p_guess") for _ in range(MANY + 1)]
        assert closed == [4401] * MANY + [1013]
        guarded = Guarded(server, root)
        refused(guarded.ask(None, "GET", "/api/boards"))
        assert guarded.ask(root, "GET", "/api/boards").status_code == 200


def knock(server: Server, token: str) -> int:
    """With which code a socket is closed that shows a token."""
    url = f"ws{server.url.removeprefix('http')}/ws/connect?board_id=1"
    with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        with suppress(ConnectionClosed):
            for _ in socket:
                pass
        assert socket.close_code is not None
        return socket.close_code


@pytest.mark.parametrize("limit", ["many", "0/minute", "10/fortnight", "10"])
def test_what_is_no_limit_is_refused_at_the_start(limit: str) -> None:
    from kanban_server.settings import from_environment

    with pytest.raises(ValueError, match="KANBAN_TOKEN_LIMIT"):
        from_environment({"KANBAN_TOKEN_LIMIT": limit})
