"""Config files: the project's and the user's."""

from collections.abc import Mapping
from pathlib import Path

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE


def read_config(file: Path) -> Mapping[str, object]:
    """Return the settings of a file; none if there is no such file. Stops if it can't be read."""
    if not file.is_file():
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(USAGE, f"{file} can't be read: {error}", fix=f"Correct {file}, or remove it.") from error
