"""The packages that adapters need."""

from __future__ import annotations


def missing_extra(error: ModuleNotFoundError, extra: str) -> ModuleNotFoundError:
    """The error for a package that is not installed, with the command that installs it."""
    fix = f"python -m pip install 'agent-kanban[{extra}]'"
    return ModuleNotFoundError(f"{error.msg}: {fix}", name=error.name)
