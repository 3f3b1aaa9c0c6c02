"""Texts that are written in the user's editor: VISUAL, EDITOR, or vi."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOTHING, UNEXPECTED
from kanban_cli.invocation import Invocation

CRITERIA_MARK = "-- Acceptance criteria, one a line --"
"""The line between a ticket's description and its criteria."""


def can_edit() -> bool:
    """Whether a person can use an editor: stdin and stdout are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def edit_text(invocation: Invocation, text: str, name: str) -> tuple[str, Path]:
    """Open the text in the editor; return the new text without its last line ends, and the file with it.

    The file stays, so that the text is not lost if it is refused; the caller deletes it when it is saved. Stops if the
    editor can't run or fails, or if the text did not change.
    """
    environment = invocation.environment
    command = environment.get("VISUAL") or environment.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    descriptor, path = tempfile.mkstemp(prefix=f"kanban-{name}-", suffix=".md")
    file = Path(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        process = subprocess.run([*shlex.split(command), path])
    except (OSError, ValueError) as error:
        file.unlink()
        detail = f"The editor '{command}' can't run: {error}"
        raise CommandError(UNEXPECTED, detail, fix="export EDITOR=nano") from error
    new_text = file.read_text(encoding="utf-8", errors="replace")
    if process.returncode or new_text.rstrip() == text.rstrip():
        file.unlink()
        reason = f"the editor ended with {process.returncode}" if process.returncode else "the text is unchanged"
        raise CommandError(NOTHING, f"Nothing was saved: {reason}.", fix=str(invocation.command_line))
    return new_text.rstrip(), file


def join_texts(title: str, description: str | None, criteria: str | None) -> str:
    """Return a ticket's texts as one document: title, description, criteria."""
    return f"{title}\n\n{description or ''}\n\n{CRITERIA_MARK}\n{criteria or ''}\n"


def split_texts(document: str) -> tuple[str, str | None, str | None]:
    """Return the title, description and criteria of a document; None for an empty text."""
    body, _, criteria = document.partition(CRITERIA_MARK)
    title, _, description = body.strip().partition("\n")
    return title.strip(), description.strip() or None, criteria.strip() or None
