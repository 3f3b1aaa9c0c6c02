"""`--jq`: what a filter selects of the JSON that a command prints."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.render.escaping import compact_json, escape

Filter = Callable[[object], Iterator[object]]

EXAMPLE = "kanban list --jq '.items[].title'"
"""A command with a filter that both ways understand."""

_PATH = re.compile(r"\.?(?:\.?[A-Za-z_][A-Za-z0-9_]*|\[[0-9]*\])*")
_STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\[[0-9]*\]")


@contextmanager
def filtered_output(text: str) -> Iterator[None]:
    """Filter each line of JSON that is printed in the block. Stops if the filter is wrong."""
    with redirect_stdout(_FilteringStream(sys.stdout, compile_filter(text))):
        yield


def compile_filter(text: str) -> Filter:
    """Compile a filter with the `jq` package; without it, only paths such as `.items[].title` are understood."""
    try:
        import jq
    except ImportError:
        if not _PATH.fullmatch(text):
            detail = f"The filter '{text}' needs the jq package; without it, only paths work, as .items[].title."
            raise CommandError(USAGE, detail, fix="pip install 'agent-kanban[jq]'") from None
        steps = _STEP.findall(text)
        return lambda value: _follow(value, steps)
    try:
        program = jq.compile(text)
    except ValueError as error:
        raise CommandError(USAGE, f"'{text}' is not a jq filter: {error}", fix=EXAMPLE) from error
    return lambda value: iter(program.input_value(value))


def _follow(value: object, steps: list[str]) -> Iterator[object]:
    """Yield what a path leads to; null where a field is missing."""
    if not steps:
        yield value
        return
    step, *rest = steps
    if step == "[]":
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        for item in items:
            yield from _follow(item, rest)
    elif step.startswith("["):
        index = int(step[1:-1])
        yield from _follow(value[index] if isinstance(value, list) and index < len(value) else None, rest)
    else:
        yield from _follow(value.get(step) if isinstance(value, dict) else None, rest)


class _FilteringStream(io.TextIOBase):
    """A stream that filters each line of JSON, and writes texts as they are and other values as JSON."""

    def __init__(self, target: TextIO, select: Filter) -> None:
        self._target = target
        self._select = select
        self._unfinished = ""

    def write(self, text: str) -> int:
        """Write what the filter selects of each finished line."""
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        for line in lines:
            try:
                results = list(self._select(json.loads(line)))
            except ValueError as error:
                raise CommandError(USAGE, f"The filter fails: {error}", fix=EXAMPLE) from error
            for result in results:
                output = escape(result, lines=True) if isinstance(result, str) else compact_json(result)
                self._target.write(output + "\n")
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        self._target.flush()
