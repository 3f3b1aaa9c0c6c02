"""Durations, as they are typed."""

import re

from kanban_cli.errors import CommandError
from kanban_cli.exit_codes import USAGE

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_seconds(text: str) -> float:
    """Parse `30`, `30s`, `5m` or `1.5h` to seconds. Stops for anything else."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?)([smh]?)", text, re.ASCII)
    if match is None:
        raise CommandError(USAGE, f"'{text}' is not a time.", fix="Write it as 30s, 5m or 1h.")
    return float(match[1]) * _SECONDS[match[2]]
