"""The examples in the docstrings of the SDK run as they are."""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kanban_sdk
from kanban_sdk import AsyncKanban, AsyncWorker, Kanban, Worker, accounts, resources, testing, tools
from kanban_sdk.binding import Resource
from kanban_sdk.testing import KanbanServer
from kanban_sdk.tools import AsyncTools, Tools
from tests.support.people import Guarded

OPEN = [resources.Boards, resources.Tickets, resources.Comments, resources.Inbox, resources.Webhooks]
GUARDED = [accounts.Users, accounts.Tokens, accounts.Members]
CLIENTS = [Kanban, AsyncKanban, Worker, AsyncWorker, kanban_sdk.ClaimedTicket, kanban_sdk.AsyncClaimedTicket]
TOOLS = [tools, Tools, AsyncTools]
FIXTURES = [testing, KanbanServer, "kanban_server", "own_kanban_server", "kanban", "kanban_board"]
FIRST = 42
"""The number of the first ticket of board 1: the examples name it."""


def example_of(thing: object) -> str:
    """The example in the docstring of a class, a module or a fixture."""
    if isinstance(thing, str):
        tree = ast.parse(inspect.getsource(testing))
        thing_doc = next(
            ast.get_docstring(node) for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == thing
        )
    else:
        thing_doc = inspect.getdoc(thing)
    examples = doctest.DocTestParser().get_examples(thing_doc or "")
    assert examples, f"{thing} has no example"
    return "".join(example.source for example in examples)


def run(source: str, **names: Any) -> dict[str, Any]:
    """Run an example, which may await; return its names."""
    namespace = {name: getattr(kanban_sdk, name) for name in kanban_sdk.__all__} | names
    code = compile(source, "<example>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    return namespace


@pytest.fixture(scope="module")
def example_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KanbanServer]:
    """A server whose board 1 has the tickets that the examples name."""
    database = tmp_path_factory.mktemp("examples") / "kanban.db"
    with KanbanServer(database, KANBAN_WEBHOOK_PRIVATE="1") as server, server.client("ada") as kanban:
        other = kanban.boards.create("Other").id
        for number in range(1, FIRST + 8):
            kanban.tickets.create(f"{number}", board=other if number < FIRST else 1)
        assert kanban.tickets.get(FIRST).board_id == 1
        yield server


@pytest.fixture
def kanban(example_server: KanbanServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kanban]:
    monkeypatch.setenv("KANBAN_URL", example_server.url)
    monkeypatch.setenv("KANBAN_USER", "ada")
    with example_server.client("ada") as client:
        yield client


@pytest.mark.parametrize("resource", OPEN)
def test_the_example_of_a_resource_runs_and_has_every_operation(resource: type[Resource], kanban: Kanban) -> None:
    check_operations(resource)
    run(example_of(resource).replace("https://example.org", kanban.url), kanban=kanban)


def test_the_examples_of_accounts_run_and_have_every_operation(guarded: Guarded) -> None:
    with Kanban(guarded.server.url, token=guarded.root) as kanban:
        for resource in GUARDED:
            check_operations(resource)
            source = (
                example_of(resource).replace('"zoe"', '"zoe-of-examples"').replace('"robot"', '"robot-of-examples"')
            )
            run(source, kanban=kanban)  # other tests share the server, and its names


def check_operations(resource: type[Resource]) -> None:
    noun = resource.__name__.lower()
    others = {"list", "update", "base"}  # these have examples of their own; a base needs a trimmed log
    operations = {name for name in vars(resource) if not name.startswith("_")} - others
    assert operations <= {word for word in operations if f"kanban.{noun}.{word}(" in example_of(resource)}


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_example_of_a_client_or_a_worker_runs(kind: type[object], kanban: Kanban) -> None:
    source = example_of(kind).replace("http://127.0.0.1:8000", kanban.url)
    run(source.replace("AsyncKanban(user", f"AsyncKanban({kanban.url!r}, user"), kanban=kanban)


@pytest.mark.parametrize("kind", TOOLS)
def test_the_example_of_the_tools_runs(kind: object, kanban: Kanban) -> None:
    client = kanban.copy_as(AsyncKanban) if kind is AsyncTools else kanban
    run(example_of(kind), kanban=client, Tools=Tools, AsyncTools=AsyncTools)


@pytest.mark.parametrize("thing", FIXTURES)
def test_the_example_of_a_fixture_runs(thing: object, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    names = run(example_of(thing), KanbanServer=KanbanServer, tmp_path=tmp_path)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests or thing is KanbanServer
    for test in tests:
        test(**{name: request.getfixturevalue(name) for name in inspect.signature(test).parameters})
