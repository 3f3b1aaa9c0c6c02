"""Command classes that refuse a single-value option that is given twice."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def refuse_repeated_options(command: Any, context: Any, arguments: list[str]) -> None:
    """Raise a usage error if an option that takes one value occurs twice."""
    if context.resilient_parsing:  # shell completion parses an unfinished line
        return
    from typer._click.exceptions import UsageError

    _, _, order = command.make_parser(context).parse_args(args=[*arguments])
    seen = set()
    for option in order:
        if option.param_type_name != "option" or option.multiple or option.is_flag or option.count:
            continue
        if option.name in seen:
            raise UsageError(f"{option.opts[-1]} is there twice, and takes one value.", context)
        seen.add(option.name)


class Command(TyperCommand):
    """A command that refuses repeated options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments."""
        refuse_repeated_options(self, ctx, args)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """A group of commands that refuses repeated options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments that belong to the group."""
        if args:
            refuse_repeated_options(self, ctx, args)
        return super().parse_args(ctx, args)
