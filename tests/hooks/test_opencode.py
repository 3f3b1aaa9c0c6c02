"""The plug-in that `kanban setup opencode` installs, run by node as opencode runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kanban_sdk import Board, Kanban
from tests.hooks.sessions import PATIENT
from tests.support.cli import ROOT, Shell

NODE = shutil.which("node")
PROGRAM = """
import { KanbanPlugin } from "./.opencode/plugins/kanban.js";
const [directory, ...steps] = process.argv.slice(2);
const hooks = await KanbanPlugin({ directory });
const said = [];
for (const step of steps.map((step) => JSON.parse(step))) {
  try {
    await hooks[step.hook](step.input, step.output ?? {});
    said.push(step.output ?? {});
  } catch (error) {
    said.push({ thrown: error.message });
  }
}
console.log(JSON.stringify(said));
"""


def run(shell: Shell, *steps: dict[str, Any]) -> list[Any]:
    """Load the plug-in, and call its hooks one after the other; what each left in its output, or threw."""
    assert NODE
    program = shell.folder / "opencode.mjs"
    program.write_text(PROGRAM)
    process = subprocess.run(
        [NODE, str(program), str(shell.folder), *map(json.dumps, steps)],
        capture_output=True,
        text=True,
        cwd=shell.folder,
        env=shell.settings(),
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    output: list[Any] = json.loads(process.stdout)
    return output


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_plugin_briefs_gates_names_the_session_and_ends_it(kanban: Shell, sdk: Kanban, own: Board) -> None:
    programs = kanban.folder / "bin"
    programs.mkdir()
    command = programs / "kanban"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m kanban_cli "$@"\n')
    command.chmod(0o755)
    shell = kanban.using(PATH=f"{programs}{os.pathsep}{os.environ['PATH']}", **PATIENT)
    shell.ok("setup", "opencode", "--gate", "deny")
    plugin = kanban.folder / ".opencode" / "plugins" / "kanban.js"
    plugin.write_text(plugin.read_text().replace("MILLISECONDS = 5000", "MILLISECONDS = 20000"))  # a loaded machine
    ticket = sdk.tickets.create("Login race", board=own.id).id
    session = {"sessionID": "ses_1"}
    arguments = {"args": {"filePath": "a"}}
    edit = {"hook": "tool.execute.before", "input": {"tool": "edit", **session}, "output": arguments}
    read = {"hook": "tool.execute.before", "input": {"tool": "read", **session}, "output": arguments}
    brief = {"hook": "experimental.chat.system.transform", "input": session, "output": {"system": ["Be brief."]}}
    environment = {"hook": "shell.env", "input": {"cwd": ".", **session}, "output": {"env": {}}}
    refused, allowed, briefed, again, env = run(shell, edit, read, brief, brief, environment)
    assert "Claim one: kanban next" in refused["thrown"]
    assert allowed == {"args": {"filePath": "a"}}
    assert briefed["system"][1].startswith(f"# Kanban board {own.id}")
    assert again == briefed
    assert env == {"env": {"KANBAN_SESSION": "ses_1"}}
    shell.ok("claim", ticket, KANBAN_SESSION="ses_1")
    sdk.tickets.claim(ticket, force=True)
    after = {
        "hook": "tool.execute.after",
        "input": {"tool": "edit", "args": {}, **session},
        "output": {"title": "", "output": "Edited.", "metadata": {}},
    }
    (lost,) = run(shell, after)
    assert lost["output"].startswith(f"Edited.\n\nThe claim of ticket {ticket} has ended.")
    sdk.tickets.release(ticket)
    shell.ok("claim", ticket, KANBAN_SESSION="ses_1")
    assert run(shell, edit) == [edit["output"]]
    deleted = {
        "hook": "event",
        "input": {"event": {"type": "session.deleted", "properties": {"info": {"id": "ses_1"}}}},
    }
    run(shell, deleted)
    assert sdk.tickets.get(ticket).claim is None


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_plugin_lets_everything_pass_without_kanban(kanban: Shell) -> None:
    kanban.ok("setup", "opencode", "--gate", "deny")
    edit = {"hook": "tool.execute.before", "input": {"tool": "edit", "sessionID": "s"}, "output": {"args": {}}}
    assert run(kanban.using(PATH=str(Path(NODE or "").parent / "none")), edit) == [{"args": {}}]
