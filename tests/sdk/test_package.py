"""What importing the package costs, what it exports, and what a type checker sees of it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import kanban_sdk
from tests.sdk import typed

HEAVY = {"fastapi", "starlette", "sqlalchemy", "pydantic", "annotated_types", "httpx", "websockets", "asyncio", "h11"}


def loaded(code: str) -> set[str]:
    """Which of the heavy packages a fresh interpreter has loaded after some code."""
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return HEAVY & set(said.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import kanban_sdk") == set()
    assert loaded("from kanban_sdk import Refused, Ticket, TicketMoved; import kanban_sdk.calls.tickets") == set()


def test_the_small_transport_loads_h11_and_no_more() -> None:
    assert loaded(
        "from kanban_sdk.transport.blocking import BlockingTransport; BlockingTransport('http://127.0.0.1:1', {})"
    ) == {"h11"}


def test_a_client_loads_nothing_of_the_server() -> None:
    used = loaded("from kanban_sdk import Kanban; Kanban().watch(1)")
    assert used.isdisjoint({"fastapi", "starlette", "sqlalchemy", "pydantic", "annotated_types"})
    assert {"httpx", "websockets"} <= used


def test_every_exported_name_is_there_and_is_what_it_says() -> None:
    assert len(kanban_sdk.__all__) == len(set(kanban_sdk.__all__))
    for name in kanban_sdk.__all__:
        assert getattr(kanban_sdk, name).__name__ == name
    assert set(kanban_sdk.__all__) <= set(dir(kanban_sdk))


def test_every_exception_and_every_event_is_exported() -> None:
    for module, base in (("errors", "KanbanError"), ("wire.events", "Event")):
        home = import_module(f"kanban_sdk.{module}")
        kinds = {
            name for name, one in vars(home).items() if isinstance(one, type) and issubclass(one, vars(home)[base])
        }
        assert kinds <= set(kanban_sdk.__all__)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(kanban_sdk.__file__).parent / "py.typed").is_file()


def test_a_type_checker_sees_every_call_with_its_parameters_and_its_answer() -> None:
    """mypy itself: a wrong `assert_type` is an error in that file, and so is an `ignore` that is not needed."""
    root = Path(__file__).parents[2]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(Path(typed.__file__).relative_to(root))],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
