"""Each agent program: its files, and the form of its hooks.

docs/harnesses.md has the versions that these were read for, and what a program does not offer.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Literal

from kanban_cli.harnesses import managed_block
from kanban_cli.harnesses.parts import Block, JsonHooks, JsonMember, OwnFile, Part, Value

Scope = Literal["project", "user"]
PartName = Literal["hooks", "rules", "mcp"]
NAMES = ("claude", "codex", "gemini", "cursor", "copilot", "opencode", "generic")
SECONDS = 5
"""After which a program gives up waiting for a hook, in the settings that it has for this."""
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


@dataclass(frozen=True)
class Target:
    """One file of an installation."""

    name: PartName
    path: Path
    part: Part


@dataclass(frozen=True)
class Installation:
    """What is installed: for whom, with which command, and with which gate."""

    scope: Scope
    command: str = "kanban"
    """How the program starts `kanban`: by name for a project, by its path for a user."""
    gate: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def hook(self, program: str, event: str) -> str:
        """Return the command of a hook. It never fails: some programs refuse a tool call whose hook fails."""
        gate = f" --gate {self.gate}" if self.gate and event == "before-tool" else ""
        return f"{shlex.quote(self.command)} hook {event} --for {program}{gate} || true"

    def folder(self, variable: str, default: str) -> Path:
        """Return the user's folder of a program."""
        return Path(self.environment.get(variable) or Path.home() / default)


def targets(program: str, installation: Installation) -> list[Target]:
    """Return the files of a program's installation, in the order in which they are written."""
    return _PROGRAMS[program](installation)


def rules_of(program: str, installation: Installation) -> Path | None:
    """Return the instruction file of a program; None if it has none for the user."""
    return next((one.path for one in targets(program, installation) if one.name == "rules"), None)


def _claude(to: Installation) -> list[Target]:
    user = to.scope == "user"
    base = to.folder("CLAUDE_CONFIG_DIR", ".claude") if user else Path(".claude")
    home = base if to.environment.get("CLAUDE_CONFIG_DIR") else Path.home()
    change = "Edit|MultiEdit|Write|NotebookEdit|Bash|PowerShell"
    events = {
        "SessionStart": ("start", None),
        "UserPromptSubmit": ("prompt", None),
        "PreToolUse": ("before-tool", change),
        "PostToolUse": ("after-tool", None),
        "Stop": ("stop", None),
        "SessionEnd": ("end", None),
    }
    server = JsonMember(["mcpServers", "kanban"], {"type": "stdio", "command": to.command, "args": ["mcp"]})
    return [
        Target("rules", base / "CLAUDE.md" if user else Path("CLAUDE.md"), Block(BLOCK)),
        Target("hooks", base / "settings.json", _nested_hooks("claude", to, events)),
        Target("mcp", home / ".claude.json" if user else Path(".mcp.json"), server),
    ]


def _codex(to: Installation) -> list[Target]:
    base = to.folder("CODEX_HOME", ".codex") if to.scope == "user" else Path(".codex")
    events = {
        "SessionStart": ("start", None),
        "UserPromptSubmit": ("prompt", None),
        "PreToolUse": ("before-tool", "^(Bash|apply_patch)$"),
        "PostToolUse": ("after-tool", None),
        "Stop": ("stop", None),
        "SessionEnd": ("end", None),
    }
    server = f'[mcp_servers.kanban]\ncommand = {json.dumps(to.command)}\nargs = ["mcp"]\n'.encode()
    return [
        Target("rules", base / "AGENTS.md" if to.scope == "user" else Path("AGENTS.md"), Block(BLOCK)),
        Target("hooks", base / "hooks.json", _nested_hooks("codex", to, events)),
        Target("mcp", base / "config.toml", Block(server, managed_block.TOML)),
    ]


def _gemini(to: Installation) -> list[Target]:
    user = to.scope == "user"
    base = to.folder("GEMINI_CLI_HOME", "") / ".gemini" if user else Path(".gemini")
    events = {
        "SessionStart": ("start", None),
        "BeforeAgent": ("prompt", None),
        "BeforeTool": ("before-tool", "write_file|replace|run_shell_command"),
        "AfterTool": ("after-tool", None),
        "PreCompress": ("compact", None),
        "AfterAgent": ("stop", None),
        "SessionEnd": ("end", None),
    }
    return [
        Target("rules", base / "GEMINI.md" if user else Path("GEMINI.md"), Block(BLOCK)),
        Target("hooks", base / "settings.json", _nested_hooks("gemini", to, events, timeout=SECONDS * 1000)),
        Target("mcp", base / "settings.json", JsonMember(["mcpServers", "kanban"], _server(to))),
    ]


def _cursor(to: Installation) -> list[Target]:
    base = Path.home() / ".cursor" if to.scope == "user" else Path(".cursor")
    events = {
        "sessionStart": ("start", None),
        "beforeSubmitPrompt": ("prompt", None),
        "preToolUse": ("before-tool", "Shell|Write|Delete"),
        "postToolUse": ("after-tool", None),
        "preCompact": ("compact", None),
        "stop": ("stop", None),
        "sessionEnd": ("end", None),
    }
    entries = {
        name: {"command": to.hook("cursor", event), "timeout": SECONDS, **({"matcher": matcher} if matcher else {})}
        for name, (event, matcher) in events.items()
    }
    rules = [Target("rules", base / "rules" / "kanban.mdc", Block(BLOCK, header=RULE))] if to.scope == "project" else []
    return [
        *rules,
        Target("hooks", base / "hooks.json", JsonHooks(entries, _made_for("cursor"), {"version": 1})),
        Target("mcp", base / "mcp.json", JsonMember(["mcpServers", "kanban"], _server(to))),
    ]


def _copilot(to: Installation) -> list[Target]:
    user = to.scope == "user"
    base = to.folder("COPILOT_HOME", ".copilot") if user else Path(".github")
    events = {
        "sessionStart": ("start", None),
        "userPromptSubmitted": ("prompt", None),
        "preToolUse": ("before-tool", "bash|powershell|create|edit|str_replace_editor|apply_patch"),
        "postToolUse": ("after-tool", None),
        "preCompact": ("compact", None),
        "agentStop": ("stop", None),
        "sessionEnd": ("end", None),
    }
    hooks = {
        name: [
            {
                "type": "command",
                **({"matcher": matcher} if matcher else {}),
                "bash": to.hook("copilot", event),
                "timeoutSec": SECONDS,
            }
        ]
        for name, (event, matcher) in events.items()
    }
    text = json.dumps({"version": 1, "hooks": hooks}, indent=2) + "\n"
    server = {"type": "local", "command": to.command, "args": ["mcp"], "tools": ["*"]}
    mcp = base / ("mcp-config.json" if user else "mcp.json")
    return [
        Target("rules", base / "copilot-instructions.md" if user else Path("AGENTS.md"), Block(BLOCK)),
        Target("hooks", base / "hooks" / "kanban.json", OwnFile(text.encode())),
        Target("mcp", mcp, JsonMember(["mcpServers", "kanban"], server)),
    ]


def _opencode(to: Installation) -> list[Target]:
    user = to.scope == "user"
    config = to.folder("XDG_CONFIG_HOME", ".config") / "opencode"
    base = config if user else Path(".opencode")
    plugin = (resources.files("kanban_cli.harnesses") / "opencode.js").read_text(encoding="utf-8")
    gate = [*(["--gate", to.gate] if to.gate else [])]
    plugin = plugin.replace('"KANBAN"', json.dumps(to.command)).replace('["GATE"]', json.dumps(gate))
    server = {"type": "local", "command": [to.command, "mcp"], "enabled": True}
    with_comments, plain = (config / name if user else Path(name) for name in ("opencode.jsonc", "opencode.json"))
    return [
        Target("rules", config / "AGENTS.md" if user else Path("AGENTS.md"), Block(BLOCK)),
        Target("hooks", base / "plugins" / "kanban.js", OwnFile(plugin.encode())),
        Target("mcp", with_comments if with_comments.exists() else plain, JsonMember(["mcp", "kanban"], server)),
    ]


def _generic(to: Installation) -> list[Target]:
    return [Target("rules", Path("AGENTS.md"), Block(BLOCK))]


def _nested_hooks(
    program: str, to: Installation, events: Mapping[str, tuple[str, str | None]], timeout: int = SECONDS
) -> JsonHooks:
    """Return hooks in the form that Claude Code, Codex and Gemini CLI share: groups with a matcher."""
    entries: dict[str, Value] = {
        name: {
            **({"matcher": matcher} if matcher else {}),
            "hooks": [{"type": "command", "command": to.hook(program, event), "timeout": timeout}],
        }
        for name, (event, matcher) in events.items()
    }
    return JsonHooks(entries, _made_for(program), {})


def _made_for(program: str) -> Callable[[Value], bool]:
    def is_ours(entry: Value) -> bool:
        text = json.dumps(entry)
        return "kanban" in text and " hook " in text and f"--for {program}" in text

    return is_ours


def _server(to: Installation) -> dict[str, Value]:
    return {"command": to.command, "args": ["mcp"]}


_PROGRAMS: Mapping[str, Callable[[Installation], list[Target]]] = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "cursor": _cursor,
    "copilot": _copilot,
    "opencode": _opencode,
    "generic": _generic,
}
