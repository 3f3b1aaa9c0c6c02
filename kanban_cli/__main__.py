"""`python -m kanban_cli`: the same as `kanban`."""

from kanban_cli.main import run

run()
