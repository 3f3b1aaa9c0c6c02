"""Commands whose options are read whole: one that takes a single value and is there twice is refused."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def refuse_repeated_options(command: Any, context: Any, arguments: list[str]) -> None:
    """Raise a usage error where an option that takes one value stands twice."""
    if context.resilient_parsing:  # a line that is being completed
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
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the line."""
        refuse_repeated_options(self, ctx, args)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """A group of commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the line, as far as it is the group's."""
        if args:
            refuse_repeated_options(self, ctx, args)
        return super().parse_args(ctx, args)
