"""The table of commands and their modules."""

from types import MappingProxyType

SECTIONS = MappingProxyType(
    {
        "Tickets": {
            "add": "tickets",
            "list": "views",
            "show": "views",
            "edit": "tickets",
            "move": "tickets",
            "check": "tickets",
            "comment": "comments",
            "block": "dependencies",
            "unblock": "dependencies",
            "why": "dependencies",
            "delete": "tickets",
            "undelete": "tickets",
            "redact": "tickets",
            "batch": "batch",
        },
        "Working together": {
            "prime": "prime",
            "next": "claims",
            "claim": "claims",
            "renew": "claims",
            "release": "claims",
            "work": "work",
            "ask": "comments",
            "inbox": "comments",
            "setup": "agents",
            "mcp": "agents",
        },
        "Watching": {
            "watch": "watch",
            "wait": "wait",
            "log": "views",
            "who": "status",
            "status": "status",
            "stats": "stats",
        },
        "Boards": {
            "board": "boards",
            "init": "shell_setup",
            "import": "imports",
            "export": "exports",
        },
        "People and tokens": {
            "whoami": "identity",
            "login": "identity",
            "logout": "identity",
            "invite": "identity",
            "join": "identity",
            "user": "users",
            "token": "tokens",
            "notice": "identity",
        },
        "Server": {
            "up": "server",
            "down": "server",
            "serve": "server",
            "doctor": "server",
            "backup": "maintenance",
            "restore": "maintenance",
            "transfer": "maintenance",
            "trim": "maintenance",
            "completion": "shell_setup",
        },
    }
)
"""Heading of the help to its commands and groups, each with its module in `commands`."""
COMMANDS = MappingProxyType({name: module for section in SECTIONS.values() for name, module in section.items()})
"""Command or group to its module."""
GROUPS = frozenset({"board", "board webhook", "board member", "user", "token"})
"""The commands that are groups."""
