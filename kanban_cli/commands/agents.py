"""Agent programs: setup, mcp."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from kanban_cli import managed_block
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, REFUSED, UNEXPECTED, USAGE
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_json, print_line

app = typer.Typer()

FILES = {
    "claude": "CLAUDE.md",
    "codex": "AGENTS.md",
    "cursor": ".cursor/rules/kanban.mdc",
    "gemini": "GEMINI.md",
    "generic": "AGENTS.md",
}
"""Agent name to its instruction file, relative to the project folder."""
RULE = b"---\ndescription: The kanban board that the work is on\nalwaysApply: true\n---\n"
"""Front matter that makes Cursor read the file in every session."""
BLOCK = b"""\
## The work is on a kanban board

- Run `kanban prime` when you begin, and after a long pause: it prints who you are, what you hold, what is ready, and
  the commands. If it prints nothing, there is no board, and this section does not apply.
- Take a ticket before you work on it: `kanban next`. Report your work in comments; finish the ticket, or hand it over.
- Keep no task list of your own: add further work as a ticket, `kanban add TITLE`.
- An error names the next command on stderr. `kanban --help` lists all commands.
"""


@command(
    app, examples=["kanban setup claude", "kanban setup generic --check"], without=["board", "user", "url", "lease"]
)
def setup(
    invocation: Invocation,
    agent: Annotated[
        Literal["claude", "codex", "cursor", "gemini", "generic"],
        typer.Argument(help="The agent program.", metavar="AGENT"),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Only check whether the block is current: exit code 0 or 3.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the block.")] = False,
) -> None:
    """Add instructions for an agent program to this folder.

    They are a marked block in the file that the program reads: claude (CLAUDE.md), codex or generic (AGENTS.md), cursor
    (.cursor/rules/kanban.mdc) or gemini (GEMINI.md). A second run changes nothing, and a newer version replaces the
    block. The rest of the file stays as it is.
    """
    if check and remove:
        raise CommandError(USAGE, "--check and --remove exclude each other.", fix="kanban setup --help")
    file_name = FILES[agent]
    file = Path(file_name)
    header = RULE if agent == "cursor" else b""
    try:
        content = file.read_bytes() if file.exists() else b""
        new_content = managed_block.insert_block(content or header, BLOCK)
        if check:
            if new_content != content:
                detail = f"{file_name} has no kanban block, or an old one."
                raise CommandError(NOT_FOUND, detail, fix=f"kanban setup {agent}")
        elif remove:
            new_content = managed_block.remove_block(content)
            new_content = b"" if new_content == header else new_content
        if new_content != content:
            _write(file, new_content)
    except managed_block.UnpairedMarks as error:
        marks = f"{managed_block.BEGIN.decode()} … {managed_block.END.decode()}"
        detail = f"{file_name} has only one of the two marks of the kanban block: {marks}"
        raise CommandError(REFUSED, detail, fix=f"Correct the marks in {file_name}, or remove them.") from error
    except OSError as error:
        raise CommandError(UNEXPECTED, f"{file_name} can't be used: {error.strerror}") from error
    if invocation.options.json:
        print_json({"file": str(file.absolute()), "changed": new_content != content})
    else:
        print_line(
            f"{file_name}: {'unchanged' if new_content == content else 'block removed' if remove else 'written'}"
        )


@command(
    app,
    examples=["kanban mcp -u planner", "kanban mcp -u coder -b 2 --url http://127.0.0.1:8000"],
    without=["lease", "json"],
)
def mcp(invocation: Invocation) -> None:
    """Connect an agent to the server's MCP tools, over stdio.

    It passes the Model Context Protocol on to /mcp of the server. The agent acts as -u or KANBAN_USER, on the board of
    -b or KANBAN_BOARD. It starts no server.
    """
    from kanban_cli.mcp_bridge import run_bridge

    headers = invocation.request_headers() | {"X-Kanban-Client": "mcp"}
    run_bridge(invocation.server_url, headers, invocation.command_line, board=invocation.setting("board"))


def _write(file: Path, content: bytes) -> None:
    """Replace the file's content, following symbolic links; delete the file if the content is empty."""
    target = file.resolve()
    if not content:
        target.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary_file = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary_file.write_bytes(content)
        if target.exists():
            temporary_file.chmod(target.stat().st_mode & 0o7777)
        temporary_file.replace(target)
    finally:
        temporary_file.unlink(missing_ok=True)
