"""What an agent program writes to the stdin of a hook, in one form for all programs.

Programs differ in the names of fields and tools only; `docs/harnesses.md` lists the versions that these were read for.
"""

from __future__ import annotations

from kanban_cli.sessions import lean

EDIT_TOOLS = frozenset(
    {
        *("edit", "write", "multiedit", "notebookedit"),  # Claude Code
        *("apply_patch", "patch"),  # Codex, opencode
        *("write_file", "replace"),  # Gemini CLI
        *("delete", "strreplace", "editnotebook"),  # Cursor
        *("create", "str_replace_editor"),  # Copilot CLI
    }
)
"""Tools that change files, in lower case."""
SHELL_TOOLS = frozenset({"bash", "powershell", "shell", "local_shell", "run_shell_command"})
"""Tools that run a command, in lower case."""
COMMITTING = frozenset({"commit", "push"})
"""Commands of git that need a claim."""
_PATH_FIELDS = ("file_path", "filePath", "notebook_path", "absolute_path", "path")
_VALUE_OPTIONS = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace"})
"""Options of git itself that take the next word as their value."""
_SEPARATORS = "();&|`\n{}$"


class Payload:
    """One event. Fields that a program does not send are empty."""

    def __init__(self, fields: dict[str, object]) -> None:
        self.session = _text(fields, "session_id", "sessionId", "conversation_id")
        roots = fields.get("workspace_roots")
        root = roots[0] if isinstance(roots, list) and roots else ""
        self.folder = _text(fields, "cwd") or (root if isinstance(root, str) else "")
        self.reason = _text(fields, "reason", "source")
        self.tool = _text(fields, "tool_name", "toolName")
        self.arguments = _object(fields, "tool_input", "toolArgs")
        self.result = next(
            (fields[name] for name in ("tool_response", "toolResult", "tool_output") if name in fields), None
        )
        loops = fields.get("loop_count")
        self.continued = bool(fields.get("stop_hook_active")) or (isinstance(loops, int) and loops > 0)
        """Whether the turn goes on because a hook asked for it."""

    def changes_code(self) -> bool:
        """Whether the tool changes files, or commits or pushes them."""
        tool = self.tool.lower()
        if tool in SHELL_TOOLS:
            return commits(self._command())
        return tool in EDIT_TOOLS

    def path(self) -> str:
        """The file that the tool changes; empty if it names none, or several."""
        return next((value for name in _PATH_FIELDS if isinstance(value := self.arguments.get(name), str)), "")

    def _command(self) -> str:
        command = self.arguments.get("command")
        return " ".join(map(str, command)) if isinstance(command, list) else str(command or "")


def parse_payload(data: bytes) -> Payload:
    """Read the payload; an empty one if there is none. Raises ValueError if it is not JSON."""
    fields = lean.loads(data.decode()) if data.strip() else {}
    return Payload(fields if isinstance(fields, dict) else {})


def commits(command: str) -> bool:
    """Whether a shell command commits or pushes with git."""
    words = iter(_words(command))
    for word in words:
        if word != "git" and not word.endswith(("/git", "git.exe")):
            continue
        for option in words:
            if option in _VALUE_OPTIONS:
                next(words, None)
            elif not option.startswith("-"):
                if option in COMMITTING:
                    return True
                break
    return False


def _words(command: str) -> list[str]:
    """Split a shell command into words; what is in quotes belongs to its word, and a separator is a word of its own."""
    words, word, quote, escaped = [], "", "", False
    for letter in command:
        if escaped:
            word, escaped = word + letter, False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote, word = ("", word) if letter == quote else (quote, word + letter)
        elif letter in "\"'":
            quote = letter
        elif letter.isspace() or letter in _SEPARATORS:
            words += [word, ";"] if letter in _SEPARATORS else [word]
            word = ""
        else:
            word += letter
    return [one for one in [*words, word] if one]


def _text(fields: dict[str, object], *names: str) -> str:
    return next((value for name in names if isinstance(value := fields.get(name), str) and value), "")


def _object(fields: dict[str, object], *names: str) -> dict[str, object]:
    """Return an object that is sent as such, or as a text of JSON."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            try:
                value = lean.loads(value)
            except ValueError:
                value = {"command": value}
        if isinstance(value, dict):
            return value
    return {}
