"""`python -m kanban_cli.hook EVENT`: the same as `kanban hook EVENT`."""

import sys

from kanban_cli.hook.main import run

run(sys.argv[1:])
