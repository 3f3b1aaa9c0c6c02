"""Files, functions and folders are short enough to read: in the packages, the web board, the tests, the benchmarks."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.cli import ROOT

FOLDERS = ("kanban_cli", "kanban_sdk", "kanban_server", "tests", "benchmarks", "docs", "scripts", "examples")
MOST_LINES, MOST_FUNCTION_LINES, MOST_MODULES = 300, 60, 25
CODE = {".py", ".js", ".mjs", ".ts", ".css", ".html"}
MODULES = {".py", ".js", ".mjs", ".ts"}


def code(suffixes: set[str]) -> list[Path]:
    """Return the files of the project with these suffixes."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return [path for path in files if "node_modules" not in path.parts]


def bodies(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each Python function with the number of lines of its body. Its declaration has a line a parameter."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield f"{path.relative_to(ROOT)}: {node.name}", node.end_lineno - node.body[0].lineno + 1


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code(CODE)}
    assert len(lengths) > 900
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    lengths = dict(body for path in code({".py"}) if "migrations" not in path.parts for body in bodies(path))
    assert len(lengths) > 5000
    assert {name: length for name, length in lengths.items() if length > MOST_FUNCTION_LINES} == {}


def test_no_folder_has_more_than_25_modules() -> None:
    folders = Counter(path.parent for path in code(MODULES) if path.name != "__init__.py")
    crowded = {str(folder.relative_to(ROOT)): count for folder, count in folders.items() if count > MOST_MODULES}
    assert crowded == {}
