"""The table of commands and their modules."""

from types import MappingProxyType

SECTIONS = MappingProxyType(
    {
        "Tickets": {
            "add": "tickets",
            "list": "views",
            "show": "views",
            "search": "views",
            "open": "views",
            "edit": "edits",
            "assign": "edits",
            "move": "tickets",
            "check": "work",
            "done": "work",
            "close": "edits",
            "comment": "comments",
            "attach": "files",
            "files": "files",
            "download": "files",
            "detach": "files",
            "block": "dependencies",
            "unblock": "dependencies",
            "why": "dependencies",
            "delete": "tickets",
            "undelete": "tickets",
            "redact": "tickets",
            "batch": "batch",
        },
        "Working together": {
            "prime": "status",
            "next": "claims",
            "claim": "claims",
            "renew": "claims",
            "release": "claims",
            "work": "work",
            "ask": "comments",
            "withdraw": "comments",
            "inbox": "comments",
            "setup": "agents",
            "hook": "agents",
            "mcp": "agents",
        },
        "Watching": {
            "watch": "watch",
            "wait": "wait",
            "follow": "comments",
            "unfollow": "comments",
            "log": "logs",
            "who": "status",
            "status": "status",
            "stats": "status",
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
ALIASES = MappingProxyType(
    {
        "create": "add",
        "new": "add",
        "ls": "list",
        "view": "show",
        "get": "show",
        "mv": "move",
        "rm": "delete",
        "remove": "delete",
        "start": "claim",
        "history": "log",
    }
)
"""Further names of commands, for the root and for each group that has such a command and no command of that name."""
NOUNS = ("ticket", "issue", "task", "card")
"""Words that other programs put before a command, as in `ticket create`."""
FAMILIAR_WORDS = MappingProxyType(
    {
        **dict.fromkeys(("tickets", "issues", "tasks", "cards", *NOUNS, "todo", "todos"), ("list",)),
        **dict.fromkeys(("boards", "projects", "project"), ("board", "list")),
        **dict.fromkeys(("columns", "lists"), ("board", "columns")),
        "column": ("board", "column"),
        **dict.fromkeys(("describe", "info", "cat", "comments"), ("show",)),
        **dict.fromkeys(("update", "set", "modify", "change"), ("edit",)),
        **dict.fromkeys(("label", "tag", "priority", "due", "rename", "link"), ("edit",)),
        **dict.fromkeys(("reopen", "transition"), ("move",)),
        **dict.fromkeys(("take", "grab", "pick"), ("claim",)),
        **dict.fromkeys(("find", "grep", "filter"), ("search",)),
        **dict.fromkeys(("note", "say", "reply"), ("comment",)),
        **dict.fromkeys(("upload", "attachment"), ("attach",)),
        "attachments": ("files",),
        **dict.fromkeys(("complete", "finish", "resolve"), ("close",)),
        **dict.fromkeys(("drop", "unclaim", "unassign"), ("release",)),
        **dict.fromkeys(("depend", "depends"), ("block",)),
        **dict.fromkeys(("users", "people", "members"), ("who",)),
        **dict.fromkeys(("summary", "state", "health"), ("status",)),
        **dict.fromkeys(("tail", "events", "stream"), ("watch",)),
        **dict.fromkeys(("activity", "changes"), ("log",)),
        **dict.fromkeys(("run", "server"), ("up",)),
        **dict.fromkeys(("web", "browse", "ui", "gui", "dashboard"), ("open",)),
        **dict.fromkeys(("config", "configure", "use", "switch", "select"), ("init",)),
        **dict.fromkeys(("report", "metrics"), ("stats",)),
        "me": ("whoami",),
        "my": ("list", "--mine"),
        **dict.fromkeys(("help", "man", "docs", "exit", "quit"), ("--help",)),
        "version": ("--version",),
    }
)
"""Words of other programs, each with the words that say it here. They are only suggested: some arguments may differ."""
FAMILIAR_OPTIONS = MappingProxyType(
    {
        **dict.fromkeys(("--desc", "--body", "--text", "--message", "-m"), ("--description",)),
        **dict.fromkeys(("--labels", "--tag", "--tags", "-t"), ("--label", "--add-label")),
        **dict.fromkeys(("--status", "--state", "--to", "--col"), ("--column",)),
        **dict.fromkeys(("--assign", "--owner", "--user"), ("--assignee",)),
        **dict.fromkeys(("--prio", "-P"), ("--priority",)),
        **dict.fromkeys(("--deadline", "--due-date"), ("--due",)),
        **dict.fromkeys(("--query", "--grep", "-q"), ("--search",)),
        **dict.fromkeys(("--count", "--max", "--number"), ("--limit",)),
        **dict.fromkeys(("--order", "--sort-by", "--order-by"), ("--sort",)),
        **dict.fromkeys(("--open", "--active", "--todo"), ("--not-done",)),
        **dict.fromkeys(("--depends-on", "--blocked-by", "--after"), ("--on",)),
        "--name": ("--title",),
    }
)
"""Options of other programs, each with those that mean the same here; the first that the command has is suggested."""
