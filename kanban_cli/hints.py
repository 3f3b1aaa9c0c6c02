"""The next command to type after an error.

A hint never names a command that destroys, changes who acts, or forces. Where no safe command is certain, the caller
names `--help`.
"""

from collections.abc import Collection

from kanban_cli.command_line import CommandLine
from kanban_cli.table import FAMILIAR_OPTIONS
from kanban_sdk.errors import Refused

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts of this machine, on which `kanban up` can start a server."""

DESTRUCTIVE_WORDS = frozenset(
    {
        *("delete", "redact", "remove", "rm", "revoke", "disable", "trim", "restore", "transfer", "down"),
        *("--force", "--yes", "--open", "--repair"),
    }
)
"""Commands and options that destroy or force: a corrected line with one of them is no hint."""
IDENTITY_WORDS = frozenset({"login", "logout", "join", "--as"})
"""Commands and options that change who acts: none of them is a correction."""


def suggest_command(error: Refused, line: CommandLine) -> str | None:
    """Return the next command after a server error, or None if none is known for this kind of error."""
    import shlex

    facts = error.problem
    match error.type:
        case "not-found" if facts.get("what") == "ticket" and facts.get("deleted"):
            return f"kanban undelete {facts['id']}"
        case "not-found":
            listings = {
                "board": "kanban board list",
                "ticket": "kanban list",
                "column": "kanban board columns",
                "criterion": f"kanban show {next(filter(str.isdecimal, line.words), 'TICKET')}",
            }
            return listings.get(facts.get("what", ""))
        case "unknown-field":
            return f"{line.command()} --help"
        case "invalid-request" if "errors" in facts:
            return f"{line.command()} --help"
        case "unknown-column":
            return _correct_argument(line, facts.get("columns", [])) or "kanban board columns"
        case "version-conflict":
            id = facts.get("current", {}).get("id")
            return f"kanban show {id}" if "current_column" in facts.get("current", {}) else f"kanban board show {id}"
        case "already-claimed" | "lease-lost" if facts.get("ticket_id"):
            return f"kanban show {facts['ticket_id']}"
        case "archived" if facts.get("ticket_id"):
            return f"kanban undelete {facts['ticket_id']}"
        case "column-full":
            return shlex.join(["kanban", "list", "-c", str(facts.get("column"))])
        case "user-limit":
            return "kanban list --mine"
        case "dependency-cycle" if line.command() == "kanban block" and len(facts.get("path", [])) > 2:
            return f"kanban unblock {facts['path'][1]} --on {facts['path'][2]}"
        case "review-required" if facts.get("held_by"):
            return f"kanban release {facts.get('ticket_id')} -c COLUMN --note TEXT"
        case "review-required":
            return f"kanban ask {facts.get('ticket_id')} TEXT"
        case "quota-exceeded":
            listings = {"tokens": "kanban token list", "agents": "kanban user list", "boards": "kanban board list"}
            return listings.get(facts.get("what", ""))
        case "unmet":
            return f"kanban show {facts.get('ticket_id')}"
        case "column-in-use":
            return line.plus("--move-to", "COLUMN")
        case "name-required":
            return line.plus("-u", "NAME")
        case "not-authenticated":
            return "kanban login --help"
        case "open-mode":
            return "kanban user create --help"
        case "resync":
            return "kanban watch --after 0"
        case "busy" | "stopping" | "too-many-connections" | "idempotency-pending":
            return str(line)
    return None


def start_command(url: str, line: CommandLine) -> str:
    """Return the command that gets a server running at the URL: start it if local, else repeat the command later."""
    from urllib.parse import urlsplit

    if urlsplit(url).hostname not in LOOPBACK:
        return str(line)
    return f"kanban up --url {url}" if "--url" in line.options() else "kanban up"


def find_typo(word: str, names: Collection[str]) -> str | None:
    """Return the one name that a word misspells by one letter; None if there is none, or several, or it is unsafe."""
    if len(word) < 3:
        return None
    matches = [name for name in names if _differs_by_one_letter(word, name)]
    return matches[0] if len(matches) == 1 and matches[0] not in DESTRUCTIVE_WORDS | IDENTITY_WORDS else None


def correct_word(line: CommandLine, word: str, *replacement: str) -> str | None:
    """Return the line with a wrong word replaced; None if the line has a destructive word."""
    is_destructive = any(kept.partition("=")[0] in DESTRUCTIVE_WORDS for kept in line.words if kept != word)
    return None if is_destructive else line.replaced(word, *replacement)


def find_option(option: str, options: Collection[str]) -> str | None:
    """Return the option that a wrong one misspells or that other programs call so; None if there is none."""
    familiar = next((name for name in FAMILIAR_OPTIONS.get(option, ()) if name in options), None)
    return find_typo(option, options) or familiar


def _correct_argument(line: CommandLine, names: list[str]) -> str | None:
    """Return the line with its misspelled argument replaced by the most similar of the names."""
    from difflib import SequenceMatcher

    candidates = [
        (SequenceMatcher(None, word.replace("_", " ").casefold(), name.casefold()).ratio(), word, name)
        for word in line.words[1:]
        for name in names
        if word != name
    ]
    ratio, word, name = max(candidates, default=(0.0, "", ""))
    return correct_word(line, word, name) if ratio > 0.7 else None


def _differs_by_one_letter(word: str, name: str) -> bool:
    """Whether one letter is missing, too many or wrong, or two neighbouring letters are swapped."""
    begin = next((index for index, letters in enumerate(zip(word, name, strict=False)) if len(set(letters)) > 1), None)
    begin = min(len(word), len(name)) if begin is None else begin
    typed, right = word[begin:], name[begin:]
    swapped = typed[1::-1] == right[:2] and typed[2:] == right[2:]
    return typed[1:] == right or typed == right[1:] or typed[1:] == right[1:] or swapped
