"""Declaration of commands: own options, and common options before or after the arguments."""

import inspect
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any

import typer

from kanban_cli import invocation
from kanban_cli.command_classes import Command, Group
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import DONE

_DASH = "\ue000"
"""Replaces the dash at the beginning of a text, so that it is not parsed as an option."""
_OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*(=.*)?", re.DOTALL)


def _completer(noun: str) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from kanban_cli import completion

        return completion.complete(noun, ctx, incomplete)

    return complete


BOARD = _completer("boards")
COLUMN = _completer("columns")
TICKET = _completer("tickets")
TICKET_OR_COLUMN = _completer("moved")
"""Completes tickets, and after the first one also columns."""

COMMON_OPTIONS: dict[str, tuple[Any, Any]] = {
    "board": (
        str | None,
        typer.Option("-b", "--board", metavar="BOARD", help="The board, by id or name.", autocompletion=BOARD),
    ),
    "user": (str | None, typer.Option("-u", "--as", metavar="USER", help="Who acts.")),
    "url": (str | None, typer.Option("--url", metavar="URL", help="The server.")),
    "lease": (str | None, typer.Option("--lease", metavar="TOKEN", help="The claim to write under.")),
    "json": (bool, typer.Option("--json", help="The answer as JSON.")),
}
"""The options of every command."""

TicketId = Annotated[int, typer.Argument(metavar="TICKET", help="The ticket's number.", autocompletion=TICKET)]
ColumnName = Annotated[str, typer.Argument(metavar="COLUMN", help="The column, in any case.", autocompletion=COLUMN)]
IfVersion = Annotated[
    int | None, typer.Option(metavar="N", help="Only if it is still at this version; else refused, with what changed.")
]
LeaseSeconds = Annotated[
    int | None, typer.Option(metavar="N", help="How long the claim lasts, 10 to 86400; 0 until it is released.")
]
Patience = Annotated[
    str, typer.Option(metavar="TIME", help="How long the server may be away, such as 30s or 5m; then exit code 8.")
]
Labels = Annotated[list[str] | None, typer.Option("-l", "--label", help="With this label; may be repeated.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("-c", "--column", help="From this column; may be repeated.", autocompletion=COLUMN),
]
Force = Annotated[
    bool, typer.Option("--force", help="Over a limit, or although somebody else holds it. It is recorded.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Yes, delete it.")]


def command(
    app: typer.Typer, name: str | None = None, *, examples: Sequence[str], **options: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command with its own and the common options, and examples under its help."""
    epilog = help_section("Examples", examples)

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name or function.__name__, cls=Command, epilog=epilog, **options)(with_common_options(function))
        return function

    return register


def help_section(heading: str, lines: Sequence[str]) -> str:
    """Format a section under a help text: a heading, and lines that are kept as they are."""
    return f"\b\n{heading}:\n" + "\n".join(f"  {line}" for line in lines)


def with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    """Wrap a function as a command that also takes the common options and stores them in `invocation`."""

    @wraps(function)
    def wrapped(**values: Any) -> None:
        invocation.set_options({option: _restore_dash(values.pop(option)) for option in COMMON_OPTIONS})
        try:
            function(**{key: _restore_dash(value) for key, value in values.items()})
        except BrokenPipeError as error:  # the reader has closed the pipe; Typer would report a failure
            raise CommandError(DONE) from error

    signature = inspect.signature(function)
    common = [
        inspect.Parameter(
            option,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if kind is bool else None,
            annotation=Annotated[kind, declared],
        )
        for option, (kind, declared) in COMMON_OPTIONS.items()
    ]
    parameters = [
        *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()),
        *common,
    ]
    wrapped.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped


def group(help_text: str, *, examples: Sequence[str]) -> typer.Typer:
    """Create a group of commands, which also takes the common options before a command."""
    app = typer.Typer(cls=Group, help=help_text, rich_markup_mode=None, add_completion=False)
    app.callback(invoke_without_command=True, epilog=help_section("Examples", examples))(
        with_common_options(_show_help)
    )
    return app


def _show_help(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def protect_dashes(arguments: list[str]) -> list[str]:
    """Protect texts that begin with a dash, such as `- done` or `-1`, from being parsed as options."""
    return [
        _DASH + argument[1:]
        if argument.startswith("-") and argument not in {"-", "--"} and not _OPTION.fullmatch(argument)
        else argument
        for argument in arguments
    ]


def restore_dashes(text: str) -> str:
    """Undo `protect_dashes` in a text."""
    return text.replace(_DASH, "-")


def _restore_dash(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_DASH):
        return "-" + value[1:]
    return [_restore_dash(item) for item in value] if isinstance(value, list) else value
