"""Generate the reference from the code: `scripts/reference` writes it to `docs/reference/`, which is not committed."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kanban_cli import errors as cli_errors
from kanban_cli import exit_codes
from kanban_sdk import problem_types
from kanban_sdk.wire import events, limits
from kanban_sdk.wire.problems import PROBLEMS
from kanban_server import settings
from tests.docs.api_reference import http, sdk, tools

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def commands() -> str:
    """Return the help of every command, as `kanban COMMAND --help` prints it."""
    from typer.main import get_command

    from kanban_cli.command_tree import app

    def pages(command: Any, path: str) -> Iterator[str]:
        context = command.make_context(path, [], resilient_parsing=True)
        inside = getattr(command, "commands", {})
        if path != "kanban" and not inside:
            yield f"## {path}\n\n```text\n{command.get_help(context).strip()}\n```\n"
        for name in inside:
            yield from pages(inside[name], f"{path} {name}")

    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in exit_codes.MEANINGS.items())
    head = "# Commands\n\n" + "| exit code | meaning |\n| --- | --- |\n" + codes + "\n"
    return head + "\n" + "\n".join(pages(get_command(app), "kanban"))


def problems() -> str:
    """Return every problem type with its status, its exception in the SDK and its exit code."""
    lines = []
    for type, problem in PROBLEMS.items():
        error = problem_types.exception_for({"type": type, "status": problem.status})
        code = cli_errors.classify(error)[0]
        name = error.__class__.__name__
        lines.append(f"| `{type}` | {problem.title} | {problem.status} | `{name}` | {code} |")
    head = ["| type | meaning | status | exception | exit code |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(["# Problems", "", *head, *lines, ""])


def event_types() -> str:
    """Return every event type."""
    lines = []
    common = set(events.Event.__dataclass_fields__)
    for name, kind in events.EVENTS.items():
        own = ", ".join(f"`{field}`" for field in kind.__dataclass_fields__ if field not in common)
        lines.append(f"| `{name}` | {_first(kind)} | {own} |")
    shared = ", ".join(f"`{field}`" for field in events.Event.__dataclass_fields__)
    intro = f"Every event has {shared}. Its own fields are in `data`.\n"
    head = ["| event | meaning | own fields |", "| --- | --- | --- |"]
    return "\n".join(["# Events", "", intro, *head, *lines, ""])


def variables() -> str:
    """Return every setting of the server, and the limits."""
    words = _attribute_docs(settings.Settings)
    lines = []
    for name, field in settings.Settings.__dataclass_fields__.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        lines.append(f"| `KANBAN_{name.upper()}` | {f'`{default}`' if default != '' else ''} | {words.get(name, '')} |")
    head = ["| variable | default | meaning |", "| --- | --- | --- |"]
    limit_lines = [f"| {name.replace('_', ' ').lower()} | {value:,} |" for name, value in _limits()]
    tail = ["## Limits", "", "| limit | value |", "| --- | --- |", *limit_lines, ""]
    return "\n".join(["# Settings", "", *head, *lines, "", *tail])


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "events.md": event_types,
    "http.md": http,
    "mcp.md": tools,
    "problems.md": problems,
    "sdk.md": sdk,
    "settings.md": variables,
}


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _limits() -> list[tuple[str, int]]:
    return [(name, value) for name, value in vars(limits).items() if name.isupper() and isinstance(value, int)]


def _attribute_docs(kind: type[Any]) -> dict[str, str]:
    """Return the docstrings below the fields of a class."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            docs[ast.unparse(field.target)] = " ".join(str(below.value.value).split())
    return docs


def write(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)
