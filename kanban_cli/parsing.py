"""Command classes whose parser accepts texts that begin with a dash, and refuses repeated options."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typer._click.exceptions import UsageError
from typer._click.parser import _OptionParser
from typer.core import TyperCommand, TyperGroup, TyperOption

from kanban_cli.command_line import CommandLine
from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.table import ALIASES, FAMILIAR_WORDS, NOUNS

if TYPE_CHECKING:
    from typer._click.core import Command as ClickCommand
    from typer._click.core import Context, Parameter

_MARK = "\ue000"
"""Put before a text that begins with a dash, so that it is not parsed as an option."""
_OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9-]*(=.*)?", re.DOTALL)
TEXT_ARGUMENTS = frozenset({"TITLE", "TEXT", "NAME"})
"""Names of arguments that are texts of several words."""
HELP_OPTIONS = ["-h", "--help"]


class Parser(_OptionParser):
    """Parses the arguments of a command. Texts such as `- done` or `-1` are values, as `add "- done"` means them."""

    def parse_args(self, args: list[str]) -> "tuple[dict[str, Any], list[str], list[Parameter]]":
        """Parse the arguments. Raises UsageError if an option that takes one value occurs twice."""
        values, rest, order = super().parse_args([_mark_text(argument) for argument in args])
        if self.ctx is not None and not self.ctx.resilient_parsing:  # shell completion parses an unfinished line
            _refuse_repeated_options(order, self.ctx)
            _refuse_unquoted_text(values, _unmark(rest), self.ctx)
        return {name: _unmark(value) for name, value in values.items()}, _unmark(rest), order


class Command(TyperCommand):
    """A command."""

    def __init__(self, *arguments: Any, context_settings: Mapping[str, object] | None = None, **options: Any) -> None:
        settings = {"help_option_names": HELP_OPTIONS, **(context_settings or {})}
        super().__init__(*arguments, context_settings=settings, **options)

    def make_parser(self, ctx: "Context") -> Parser:
        """Create the parser."""
        return _make_parser(self, ctx)

    def collect_usage_pieces(self, ctx: "Context") -> list[str]:
        """Return the parts of the usage line, a required argument without braces."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class Group(TyperGroup):
    """A group of commands."""

    def __init__(self, *arguments: Any, context_settings: Mapping[str, object] | None = None, **options: Any) -> None:
        settings = {"help_option_names": HELP_OPTIONS, **(context_settings or {})}
        super().__init__(*arguments, context_settings=settings, **options)

    def make_parser(self, ctx: "Context") -> Parser:
        """Create the parser."""
        return _make_parser(self, ctx)

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, ClickCommand | None, list[str]]":
        """Return the command that the first argument names. Raises CommandError with a correction if it is unknown."""
        if ctx.parent is None and ctx.obj is not None:
            args = self._expand_own_words(ctx, args)
        if args[0] not in self.commands and ALIASES.get(args[0]) in self.commands:
            args = [ALIASES[args[0]], *args[1:]]
        if args[0] in self.commands or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise self._unknown_command(ctx, args)

    def _expand_own_words(self, ctx: "Context", args: list[str]) -> list[str]:
        """Replace a name from the user's config: an alias by its line, and the name of a saved list by its options.

        A project's file is not read: it belongs to somebody else. A command of this program is never replaced.
        """
        if args[0] not in self.commands and args[0] not in ALIASES:
            line = _config_line(ctx, "aliases", args[0])
            args = args if line is None else [*line, *args[1:]]
        if args[0] in {"list", "ls"} and len(args) > 1 and not args[1].startswith("-"):
            line = _config_line(ctx, "lists", args[1])
            args = args if line is None else ["list", *line, *args[2:]]
        return args

    def _unknown_command(self, ctx: "Context", args: list[str]) -> CommandError:
        from kanban_cli.hints import correct_word

        word = args[0]
        replacement = self._find_replacement(ctx, args)
        detail = f"There is no command '{word}'."
        detail += f" Did you mean '{' '.join(replacement)}'?" if replacement else ""
        fix = None if replacement is None or not ctx.obj else correct_word(ctx.obj.command_line, word, *replacement)
        return CommandError(USAGE, detail, fix=_complete(ctx, fix) if fix else f"{ctx.command_path} --help")

    def _find_replacement(self, ctx: "Context", args: list[str]) -> tuple[str, ...] | None:
        """Return the words that an unknown command means, none if it is to be left out; None if they are not known."""
        from kanban_cli.hints import find_typo

        word, *rest = args
        if ctx.parent is None:
            if word in NOUNS and rest:
                following = ALIASES.get(rest[0], rest[0])
                if following in self.commands:
                    return ()
                return ("show",) if following.isdecimal() else ("list",)
            if word in FAMILIAR_WORDS:
                return FAMILIAR_WORDS[word]
        aliases = [alias for alias, name in ALIASES.items() if name in self.commands]
        typo = find_typo(word, list(self.commands)) or find_typo(word, aliases)
        return (typo,) if typo else None


def _complete(ctx: "Context", line: str) -> str:
    """Return a corrected line if it can be parsed; else the command with `--help`, as it lacks something."""
    import shlex

    words = shlex.split(line)[1:]
    if {*words} & {*HELP_OPTIONS, "--version"}:
        return line
    try:
        _parse(ctx.find_root().command, words, ctx.obj)
    except (UsageError, CommandError):
        return f"{CommandLine(words).command()} --help"
    return line


def _parse(command: "ClickCommand | None", words: list[str], invocation: object) -> None:
    """Parse a line without running it. Raises UsageError and CommandError."""
    context = None
    while command is not None:
        context = command.make_context(command.name, words, parent=context, obj=invocation)
        rest = [*context._protected_args, *context.args]
        if not (isinstance(command, Group) and rest):
            return
        _, command, words = command.resolve_command(context, rest)


def _config_line(context: "Context", table: str, name: str) -> list[str] | None:
    """Return the words of a line in a table of the user's config; None if there is no such line."""
    import shlex

    lines = context.obj.user_config.get(table)
    line = lines.get(name) if isinstance(lines, dict) else None
    return shlex.split(str(line)) if line else None


def _make_parser(command: "ClickCommand", context: "Context") -> Parser:
    parser = Parser(context)
    for parameter in command.get_params(context):
        parameter.add_to_parser(parser, context)
    return parser


def _refuse_repeated_options(order: "list[Parameter]", context: "Context") -> None:
    seen = set()
    for option in order:
        if not isinstance(option, TyperOption) or option.multiple or option.is_flag:
            continue
        if option.name in seen:
            raise UsageError(f"{option.opts[-1]} occurs twice, and takes one value.", context)
        seen.add(option.name)


def _refuse_unquoted_text(values: Mapping[str, Any], rest: list[str], context: "Context") -> None:
    """Refuse more words than the command takes; where the last argument is a text, suggest to quote them."""
    arguments = [one for one in context.command.params if one.param_type_name == "argument"]
    if not rest or not arguments or arguments[-1].metavar not in TEXT_ARGUMENTS or not context.obj:
        return
    text = values.get(arguments[-1].name or "")
    fix = context.obj.command_line.joined(text, rest) if isinstance(text, str) else None
    if fix:
        raise CommandError(USAGE, "A text of several words is one argument: put it in quotes.", fix=fix)


def _mark_text(argument: str) -> str:
    is_text = argument.startswith("-") and argument not in {"-", "--"} and not _OPTION.fullmatch(argument)
    return _MARK + argument if is_text else argument


def _unmark(value: Any) -> Any:
    """Undo `_mark_text` in a text, or in each text of a list or tuple."""
    if isinstance(value, str):
        return value.removeprefix(_MARK) if value.startswith(f"{_MARK}-") else value
    return type(value)(map(_unmark, value)) if isinstance(value, list | tuple) else value
