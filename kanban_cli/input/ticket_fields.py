"""The fields of tickets that a list shows."""

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE
from kanban_cli.render.sentences import LIST_FIELDS


def select_fields(text: str | None, *, full: bool) -> list[str]:
    """Return the requested ticket fields, by their API names."""
    from kanban_sdk.wire.tickets import Ticket

    all_fields = [name for name in Ticket.__dataclass_fields__ if name != "sizes"]
    if text is None:
        return all_fields if full else [*LIST_FIELDS]
    field_names = [{"column": "current_column"}.get(name.strip(), name.strip()) for name in text.split(",")]
    for name in field_names:
        if name not in all_fields:
            from difflib import get_close_matches

            near = get_close_matches(name, all_fields, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CommandError(
                USAGE, f"A ticket has no field '{name}'.{hint} Fields: {', '.join(all_fields)}.", fix="kanban list"
            )
    return field_names
