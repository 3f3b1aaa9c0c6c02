"""Old names of the SDK, which go on working for one release."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping


def deprecated_names(module: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a module whose names have changed: `names` maps each old name to the new one.

    An old name returns the new one's object and issues a DeprecationWarning that names it.
    """

    def get_attribute(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module '{module}' has no attribute '{name}'")
        warn_of_old_name(module, name, names[name])
        return getattr(sys.modules[module], names[name])

    return get_attribute


def warn_of_old_name(module: str, old: str, new: str) -> None:
    """Warn the code that uses an old name of a module, two calls up from here."""
    message = f"{module}.{old} is now {module}.{new}; the old name goes with the next release"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
