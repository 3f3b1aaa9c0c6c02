"""What importing the package costs, what it exports, and what a type checker sees of it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import kanban_sdk

HEAVY = {"fastapi", "starlette", "sqlalchemy", "pydantic", "annotated_types", "httpx", "websockets", "asyncio", "h11"}


def loaded(code: str) -> set[str]:
    """The heavy packages that a new interpreter has loaded after some code."""
    process = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return HEAVY & set(process.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import kanban_sdk") == set()
    assert loaded("from kanban_sdk import Refused, Ticket, TicketMoved; import kanban_sdk.calls.tickets") == set()


def test_the_blocking_transport_loads_h11_and_nothing_else_that_is_heavy() -> None:
    assert loaded(
        "from kanban_sdk.transport.blocking import BlockingTransport; BlockingTransport('http://127.0.0.1:1', {})"
    ) == {"h11"}


def test_a_client_loads_nothing_of_the_server() -> None:
    modules = loaded("from kanban_sdk import Kanban; Kanban().watch(1)")
    assert modules.isdisjoint({"fastapi", "starlette", "sqlalchemy", "pydantic", "annotated_types"})
    assert {"httpx", "websockets"} <= modules


def test_every_exported_name_exists_and_is_the_objects_own() -> None:
    assert len(kanban_sdk.__all__) == len(set(kanban_sdk.__all__))
    for name in kanban_sdk.__all__:
        assert getattr(kanban_sdk, name).__name__ == name
    assert set(kanban_sdk.__all__) <= set(dir(kanban_sdk))


def test_every_exception_and_every_event_is_exported() -> None:
    for module, base in (("errors", "KanbanError"), ("wire.events", "Event")):
        members = vars(import_module(f"kanban_sdk.{module}"))
        names = {name for name, one in members.items() if isinstance(one, type) and issubclass(one, members[base])}
        assert names <= set(kanban_sdk.__all__)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("kanban_sdk", "Held", "ClaimContext"),
        ("kanban_sdk", "Failed", "ServerError"),
        ("kanban_sdk.errors", "TooMany", "TooManyRequests"),
        ("kanban_sdk.wire.tickets", "Chosen", "NextTicket"),
        ("kanban_sdk.wire.operations", "Say", "CommentOperation"),
    ],
)
def test_an_old_name_works_and_warns_of_the_new_one(module: str, old: str, new: str) -> None:
    imported = import_module(module)
    with pytest.warns(DeprecationWarning, match=rf"{module}\.{old} is now {module}\.{new};") as caught:
        assert getattr(imported, old) is getattr(imported, new)
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.raises(AttributeError, match=rf"module '{module}' has no attribute 'Nothing'"):
        _ = imported.Nothing


def test_every_old_name_has_its_new_one() -> None:
    changed = [("kanban_sdk", old, new) for old, new in vars(kanban_sdk)["_OLD_NAMES"].items()]
    for path in Path(kanban_sdk.__file__).parent.rglob("*.py"):
        table = re.search(r"deprecated_names\(\s+__name__,\s+\{(.+?)\}", path.read_text(), re.DOTALL)
        module = ".".join(path.relative_to(Path(kanban_sdk.__file__).parents[1]).with_suffix("").parts)
        names = re.findall(r'"(\w+)": "(\w+)"', table[1]) if table else []
        changed += [(module, old, new) for old, new in names]
    assert len(changed) > 40
    for module, old, new in changed:
        with pytest.warns(DeprecationWarning, match=new):
            assert getattr(import_module(module), old) is getattr(import_module(module), new)


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(kanban_sdk.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("program", ["tests/sdk/typed.py", "tests/agents/typed.py"])
def test_a_type_checker_sees_every_call_with_its_parameters_and_its_answer(program: str) -> None:
    """A wrong `assert_type` in that file is an error of mypy, and so is an `ignore` that is not needed."""
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
