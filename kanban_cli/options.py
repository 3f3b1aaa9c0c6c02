"""Declaration of commands: own options, and common options before or after the arguments."""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import wraps
from typing import Annotated, Any

import typer

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import DONE
from kanban_cli.invocation import Options
from kanban_cli.parsing import Command, Group

Function = Callable[..., None]
"""A command: its first parameter is the invocation, and the others are its arguments and options."""


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


def column_option(help_text: str) -> Any:
    """Declare the option `-c` for a column, with the help of one command."""
    return typer.Option("-c", "--column", metavar="COLUMN", help=help_text, autocompletion=COLUMN)


COMMON_OPTIONS: dict[str, tuple[type, typer.models.OptionInfo]] = {
    "board": (
        str,
        typer.Option("-b", "--board", metavar="BOARD", help="The board, by id or name.", autocompletion=BOARD),
    ),
    "user": (str, typer.Option("-u", "--as", metavar="USER", help="Act as this user.")),
    "url": (str, typer.Option("--url", metavar="URL", help="The server's address.")),
    "lease": (
        str,
        typer.Option("--lease", metavar="TOKEN", help="The lease to write under, as `kanban next` shows it."),
    ),
    "json": (bool, typer.Option("--json", help="Print JSON.")),
    "full": (bool, typer.Option("--full", help="With --json, print all fields, also the empty ones.")),
    "jq": (
        str,
        typer.Option("--jq", metavar="FILTER", help="Print what a jq filter selects of the JSON, as .items[].title."),
    ),
}
"""Options that every command takes, with their types; those that it can't use are not in its help."""

TicketId = Annotated[int, typer.Argument(metavar="TICKET", help="The ticket's number.", autocompletion=TICKET)]
OptionalTicketId = Annotated[
    int | None, typer.Argument(metavar="[TICKET]", help="The ticket's number.", autocompletion=TICKET)
]
ColumnName = Annotated[
    str, typer.Argument(metavar="COLUMN", help="The column, in upper or lower case.", autocompletion=COLUMN)
]
IfVersion = Annotated[
    int | None,
    typer.Option(metavar="N", help="Refuse the change unless this is the current version."),
]
LeaseSeconds = Annotated[
    int | None, typer.Option(metavar="N", help="Seconds until the claim ends, 10 to 86400; 0 means no end.")
]
Can = Annotated[
    str | None,
    typer.Option(
        "--can", metavar="TAGS", help="What you can of what tickets need, such as gpu,db. Default: KANBAN_CAN."
    ),
]
Patience = Annotated[
    str, typer.Option(metavar="TIME", help="How long the server may be unreachable, such as 30s or 5m.")
]
Labels = Annotated[
    list[str] | None,
    typer.Option("-l", "--label", metavar="LABEL", help="Only tickets with this label; may be repeated."),
]
Columns = Annotated[
    list[str] | None,
    column_option("Only tickets of this column; may be repeated."),
]
Note = Annotated[
    str | None, typer.Option("-m", "--note", metavar="TEXT", help="A note, which becomes a comment; - reads stdin.")
]
Force = Annotated[bool, typer.Option("--force", help="Ignore limits, and other holders; this is recorded.")]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm the deletion.")]


def command(
    app: typer.Typer,
    name: str | None = None,
    *,
    examples: Sequence[str],
    without: Collection[str] = (),
    context_settings: Mapping[str, object] | None = None,
) -> Callable[[Function], Function]:
    """Register a command with its own and the common options, and examples under its help.

    `without` are the common options that the command can't use. The function itself stays as it is.
    """
    epilog = help_section("Examples", examples)
    settings = dict(context_settings or {})

    def register(function: Function) -> Function:
        registration = app.command(name or function.__name__, cls=Command, epilog=epilog, context_settings=settings)
        registration(with_common_options(function, without=without))
        return function

    return register


def help_section(heading: str, lines: Sequence[str]) -> str:
    """Format a section under a help text: a heading, and lines that are kept as they are."""
    return f"\b\n{heading}:\n" + "\n".join(f"  {line}" for line in lines)


def with_common_options(function: Function, *, without: Collection[str] = ()) -> Function:
    """Wrap a function as a command that also takes the common options; those in `without` are not in its help.

    The first parameter of the function gets the invocation, or the context if it is annotated so. An own option with
    the name of a common one is in its place: it is passed to the function, and set in the invocation.
    """
    first, *own = inspect.signature(function).parameters.values()
    common = [name for name in COMMON_OPTIONS if name not in {parameter.name for parameter in own}]
    takes_context = first.annotation is typer.Context

    @wraps(function)
    def wrapped(ctx: typer.Context, **values: Any) -> None:
        typed = Options(**{name: values.pop(name) if name in common else values[name] for name in COMMON_OPTIONS})
        ctx.obj = ctx.obj.with_options(typed)  # a command in a group takes over what was typed before
        is_group = takes_context and ctx.invoked_subcommand is not None
        json_filter = None if is_group else ctx.obj.options.jq
        if json_filter:
            ctx.obj = ctx.obj.with_options(Options(json=True, full=True))  # the filter selects
        try:
            with _filtered_output(json_filter):
                function(ctx if takes_context else ctx.obj, **values)
        except BrokenPipeError as error:  # the reader has closed the pipe; Typer would report a failure
            raise CommandError(DONE) from error

    unusable = {*without, *(["full", "jq"] if "json" in without else [])}
    parameters = [
        first.replace(name="ctx", annotation=typer.Context),
        *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
        *(_common_parameter(option, hidden=option in unusable) for option in common),
    ]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped


def _filtered_output(json_filter: str | None) -> AbstractContextManager[None]:
    if json_filter is None:
        return nullcontext()
    from kanban_cli.values.json_filter import filtered_output

    return filtered_output(json_filter)


def _common_parameter(option: str, *, hidden: bool) -> inspect.Parameter:
    kind, declared = COMMON_OPTIONS[option]
    declared = copy(declared)
    declared.hidden = hidden
    default, annotation = (False, bool) if kind is bool else (None, str | None)
    return inspect.Parameter(
        option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, declared]
    )


def group(help_text: str, *, examples: Sequence[str], without: Collection[str] = ("lease",)) -> typer.Typer:
    """Create a group of commands, which also takes the common options before a command."""
    app = typer.Typer(cls=Group, help=help_text, rich_markup_mode=None, add_completion=False)
    app.callback(invoke_without_command=True, epilog=help_section("Examples", examples))(
        with_common_options(_show_help, without=without)
    )
    return app


def _show_help(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())
