"""What an agent program takes from a hook, and in which form.

The forms were read from the documentation of the versions in `docs/harnesses.md`.
"""

from __future__ import annotations

from kanban_cli.sessions import lean

EVENTS = ("start", "prompt", "before-tool", "after-tool", "compact", "stop", "end")
"""The events of a session, each with one name for all programs."""
PROGRAMS = ("claude", "codex", "gemini", "cursor", "copilot", "opencode")

_CLAUDE_NAMES = {
    "start": "SessionStart",
    "prompt": "UserPromptSubmit",
    "before-tool": "PreToolUse",
    "after-tool": "PostToolUse",
    "stop": "Stop",
}
_CONTEXT_EVENTS = {
    "claude": frozenset({"start", "prompt", "before-tool", "after-tool"}),
    "codex": frozenset({"start", "prompt", "before-tool", "after-tool"}),
    "gemini": frozenset({"start", "prompt", "after-tool"}),
    "cursor": frozenset({"start", "after-tool"}),
    "copilot": frozenset({"start", "after-tool"}),
    "opencode": frozenset({"start", "prompt", "after-tool"}),
}
KNOWS_SESSION = frozenset({"claude", "opencode"})
"""Programs whose shell names the session in its environment before any other (`session_files.py`)."""


class Answer:
    """What a hook says: a text for the model, a refusal of the tool call, or a reason to go on instead of stopping."""

    def __init__(self, context: str = "", refusal: str = "", reminder: str = "") -> None:
        self.context = context
        self.refusal = refusal
        self.reminder = reminder


def takes_context(program: str, event: str) -> bool:
    """Whether an event of a program can bring a text to the model."""
    return event in _CONTEXT_EVENTS[program]


def encode(program: str, event: str, answer: Answer) -> str:
    """Encode an answer as the program reads it from stdout; empty if there is nothing to say."""
    form = _FORMS[program](event, answer)
    return lean.dumps(form) if form else ""


def _claude(event: str, answer: Answer) -> dict[str, object]:
    specific: dict[str, object] = {"hookEventName": _CLAUDE_NAMES.get(event, "")}
    if answer.refusal:
        specific |= {"permissionDecision": "deny", "permissionDecisionReason": answer.refusal}
    if text := answer.context or answer.reminder:
        specific["additionalContext"] = text
    return {"hookSpecificOutput": specific} if len(specific) > 1 else {}


def _codex(event: str, answer: Answer) -> dict[str, object]:
    if answer.reminder:
        return {"decision": "block", "reason": answer.reminder}
    return _claude(event, answer)


def _gemini(event: str, answer: Answer) -> dict[str, object]:
    if reason := answer.refusal or answer.reminder:
        return {"decision": "deny", "reason": reason}
    return {"hookSpecificOutput": {"additionalContext": answer.context}} if answer.context else {}


def _cursor(event: str, answer: Answer) -> dict[str, object]:
    if answer.refusal:
        return {"permission": "deny", "agent_message": answer.refusal, "user_message": answer.refusal}
    if answer.reminder:
        return {"followup_message": answer.reminder}
    return {"additional_context": answer.context} if answer.context else {}


def _copilot(event: str, answer: Answer) -> dict[str, object]:
    if answer.refusal:
        return {"permissionDecision": "deny", "permissionDecisionReason": answer.refusal}
    if answer.reminder:
        return {"decision": "block", "reason": answer.reminder}
    return {"additionalContext": answer.context} if answer.context else {}


def _opencode(event: str, answer: Answer) -> dict[str, object]:
    """The form of the plug-in that `kanban setup opencode` installs."""
    texts = {"refusal": answer.refusal, "reminder": answer.reminder, "context": answer.context}
    return {name: text for name, text in texts.items() if text}


_FORMS = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "cursor": _cursor,
    "copilot": _copilot,
    "opencode": _opencode,
}
