"""Sessions of agent programs that run `kanban hook`, and the payloads that they send."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.cli import Shell

DATA = Path(__file__).parents[1] / "data" / "hooks"
PROGRAMS = ("claude", "codex", "gemini", "cursor", "copilot", "opencode")
PATIENT = {"KANBAN_HOOK_SECONDS": "20"}
"""A loaded machine may take longer than the limit of a hook; the tests of the limit do not use this."""


def payloads(program: str) -> dict[str, dict[str, Any]]:
    """The payload of each event of a program, written from the documentation of the version that the file names."""
    documents: dict[str, dict[str, Any]] = json.loads((DATA / f"{program}.json").read_text())["payloads"]
    return documents


class Session:
    """One session of an agent program in the folder of a shell."""

    def __init__(self, program: str, shell: Shell, name: str = "5f0c", **environment: str) -> None:
        self.program = program
        self.name = name
        self.shell = shell.using(**{**PATIENT, **environment})

    def hook(self, event: str, *options: str, payload: str = "", **fields: object) -> dict[str, Any]:
        """Run the hook of an event with the program's payload; return its answer."""
        body = self.payload(payload or event, **fields)
        process = subprocess.run(
            [sys.executable, "-m", "kanban_cli", "hook", event, "--for", self.program, *options],
            input=json.dumps(body).encode(),
            capture_output=True,
            cwd=self.shell.folder,
            env=self.shell.settings({"KANBAN_HOOK_VERBOSE": "1"}),
            timeout=60,
        )
        assert process.returncode == 0
        self.stderr = process.stderr.decode()
        answer: dict[str, Any] = json.loads(process.stdout or b"{}")
        return answer

    def payload(self, name: str, **fields: object) -> dict[str, Any]:
        """The payload, with this session and its folder in the fields that the program uses."""
        document = payloads(self.program)[name]
        places: Mapping[str, object] = {
            **dict.fromkeys(("session_id", "sessionId", "conversation_id"), self.name),
            "cwd": str(self.shell.folder),
            "workspace_roots": [str(self.shell.folder)],
        }
        return {**document, **{key: place for key, place in places.items() if key in document}, **fields}

    def kanban(self, *words: object) -> Any:
        """Run `kanban` as the agent does in its shell, and return its JSON."""
        return self.shell.ok(*words, "--json", KANBAN_SESSION=self.name).json


def text_of(answer: Any) -> str:
    """All texts of an answer, wherever the program wants them."""
    if isinstance(answer, dict):
        return "\n".join(text_of(value) for value in answer.values())
    return str(answer)


def is_denied(answer: Any) -> bool:
    """Whether an answer refuses the tool call."""
    words = text_of(answer).split("\n")
    return "deny" in words or "refusal" in answer
