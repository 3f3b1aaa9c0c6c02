"""Agent programs: setup, hook, mcp."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import NOT_FOUND, REFUSED, UNEXPECTED, USAGE
from kanban_cli.harnesses.parts import CannotChange
from kanban_cli.harnesses.programs import Installation, Scope, Target, targets
from kanban_cli.invocation import Invocation
from kanban_cli.options import command
from kanban_cli.render.output import print_line

app = typer.Typer()

NAMES = Literal["claude", "codex", "gemini", "cursor", "copilot", "opencode", "generic"]


class PartChoice(StrEnum):
    """The parts of an installation."""

    HOOKS = "hooks"
    RULES = "rules"
    MCP = "mcp"


@command(
    app,
    examples=["kanban setup claude --gate deny", "kanban setup codex --user --part hooks --dry-run"],
    without=["board", "user", "url", "lease"],
)
def setup(
    invocation: Invocation,
    agent: Annotated[NAMES, typer.Argument(help="The agent program.", metavar="AGENT")],
    for_user: Annotated[
        bool, typer.Option("--user", help="For you, in all folders. Default: for this folder.")
    ] = False,
    part: Annotated[
        list[PartChoice] | None,
        typer.Option(help="Only this part: hooks, rules or mcp; may be repeated."),
    ] = None,
    gate: Annotated[
        Literal["off", "warn", "deny"] | None,
        typer.Option(help="What a change without a claim meets. Default: gate in .kanban.toml, else warn."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only check whether all is installed: exit code 0 or 3.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove what setup has installed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
) -> None:
    """Connect an agent program to the board.

    It installs what the program offers: rules (a marked block in the file that it reads, such as CLAUDE.md), hooks
    (kanban hook, at the events of a session) and the MCP server (kanban mcp). A second run changes nothing, and a newer
    version replaces what an older one installed. All other bytes of the files stay as they are. generic installs the
    rules only, in AGENTS.md.
    """
    if check + remove + dry_run > 1 and not (remove and dry_run):
        raise CommandError(USAGE, "--check excludes --remove and --dry-run.", fix="kanban setup --help")
    scope: Scope = "user" if for_user else "project"
    program = _kanban_path() if for_user else "kanban"
    installation = Installation(scope, program, gate, invocation.environment)
    wanted = [one for one in targets(agent, installation) if not part or one.name in part]
    if not wanted:
        raise CommandError(USAGE, f"{agent} has no such part for a {scope}.", fix=f"kanban setup {agent}")
    changes: list[dict[str, object]] = []
    for target in reversed(wanted) if remove else wanted:
        kept_for = _other_user(agent, target, installation) if remove else None
        changes.append(_change(target, remove=remove and not kept_for, write=not (check or dry_run)))
        changes[-1]["kept_for"] = kept_for
    missing = [str(one["file"]) for one in changes if one["changed"]]
    if check and missing:
        detail = f"{agent} is not connected, or by another version: {', '.join(missing)}"
        raise CommandError(
            NOT_FOUND, detail, fix=f"kanban setup {agent} --user" if for_user else f"kanban setup {agent}"
        )
    if invocation.options.json:
        invocation.print_json({"agent": agent, "changed": bool(missing), "files": changes})
        return
    for one in changes:
        print_line(f"{one['file']}: {one['part']} {_describe(one, remove=remove, dry_run=dry_run)}")
    if agent in _TRUST and not (check or remove) and missing:
        print_line(f"next: {_TRUST[agent]}")


_TRUST = {
    "claude": "start claude here, and approve the MCP server kanban",
    "codex": "start codex here, and approve the hooks with /hooks",
    "gemini": "start gemini here, and trust the folder and its hooks",
    "cursor": "open the folder in Cursor, trust it, and enable the MCP server kanban",
}
"""What a person has to approve before a program runs what is installed."""


def _change(target: Target, *, remove: bool, write: bool) -> dict[str, object]:
    """Install or remove a part, and say whether its file changes. Stops if the file can't be changed."""
    try:
        file = target.path.read_bytes() if target.path.exists() else None
        changed = target.part.remove(file) if remove else target.part.install(file)
        if changed != file and write:
            _write(target.path, changed)
    except CannotChange as error:
        detail = f"{target.path} can't be changed: {error}."
        raise CommandError(REFUSED, detail, fix=f"Correct {target.path}, and run the command again.") from error
    except OSError as error:
        raise CommandError(UNEXPECTED, f"{target.path} can't be used: {error.strerror}") from error
    return {"part": target.name, "file": str(target.path), "changed": changed != file}


def _describe(change: Mapping[str, object], *, remove: bool, dry_run: bool) -> str:
    if change["kept_for"]:
        return f"kept, for {change['kept_for']}"
    if not change["changed"]:
        return "unchanged"
    done = "removed" if remove else "written"
    return f"would be {done}" if dry_run else done


def _other_user(agent: str, target: Target, installation: Installation) -> str | None:
    """Return another program that reads the same rules and has its hooks installed."""
    if target.name != "rules":
        return None
    for other in NAMES.__args__:  # type: ignore[attr-defined]
        others = {one.name: one for one in targets(other, installation)}
        hooks = others.get("hooks")
        if other == agent or hooks is None or "rules" not in others or others["rules"].path != target.path:
            continue
        file = hooks.path.read_bytes() if hooks.path.exists() else None
        if file is not None and hooks.part.remove(file) != file:
            return str(other)
    return None


def _kanban_path() -> str:
    """Return the path of `kanban`, which a program that has another PATH can start."""
    import shutil

    return shutil.which("kanban") or str(Path(sys.executable).with_name("kanban"))


@command(
    app,
    examples=["kanban hook before-tool --for claude --gate deny", "kanban hook start --for codex"],
    without=["board", "user", "url", "lease", "json"],
)
def hook(
    invocation: Invocation,
    event: Annotated[
        Literal["start", "prompt", "before-tool", "after-tool", "compact", "stop", "end"],
        typer.Argument(help="The event of the session.", metavar="EVENT"),
    ],
    program: Annotated[
        Literal["claude", "codex", "gemini", "cursor", "copilot", "opencode"],
        typer.Option("--for", help="The agent program, whose form stdin and stdout have."),
    ] = "claude",
    gate: Annotated[
        Literal["off", "warn", "deny"] | None,
        typer.Option(help="What a change without a claim meets. Default: gate in .kanban.toml, else warn."),
    ] = None,
) -> None:
    """Answer an agent program at an event of its session.

    `kanban setup` installs it. stdin is the program's payload. start prints the briefing; prompt prints unread mentions
    and answers; before-tool checks that a change of a file, a commit or a push is made under a claim of the session;
    after-tool renews the claims; compact repeats the briefing; stop reminds of held tickets; end gives them back.
    Without a board, a server or time (0.3 s) it prints nothing. The exit code is 0 in any case.
    """
    from kanban_cli.hook.main import run

    run([event, "--for", program, *(["--gate", gate] if gate else [])])


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


def _write(file: Path, content: bytes | None) -> None:
    """Replace the file's content, following symbolic links; delete the file if there is none, and empty folders."""
    target = file.resolve()
    if content is None:
        target.unlink()
        with suppress(OSError):
            target.parent.rmdir()
            target.parent.parent.rmdir()
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
