"""The web board's typeface, Inter, which a wheel gets when it is built. It is not in the repository.

It comes from the npm registry, as a variable Latin subset of 48 KB under the SIL Open Font License. Without npm, or
without the registry, a wheel is built without it, and the board uses fonts of the system. With
KANBAN_BUILD_FONT=required the build fails instead.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "@fontsource-variable/inter@5.3.0"
SHA256 = "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62"
FILES = {"package/files/inter-latin-wght-normal.woff2": "inter.woff2", "package/LICENSE": "LICENSE"}
"""Members of the package, and their names in `kanban_server/web/fonts`."""
TIMEOUT = 120


def font_files(folder: Path) -> dict[Path, str]:
    """Fetch the font into `folder`; return the path of each file and its name. Empty if it can't be fetched."""
    try:
        return _fetch(folder)
    except (OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
        if os.environ.get("KANBAN_BUILD_FONT") == "required":
            raise
        print(f"The wheel is built without the font Inter: {error}")
        return {}


def _fetch(folder: Path) -> dict[Path, str]:
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed")
    command = [npm, "pack", "--silent", PACKAGE]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT)
    [archive] = folder.glob("*.tgz")
    files: dict[Path, str] = {}
    with tarfile.open(archive) as package:
        for member, name in FILES.items():
            content = package.extractfile(member)
            assert content is not None
            path = folder / name
            path.write_bytes(content.read())
            files[path] = name
    if hashlib.sha256((folder / "inter.woff2").read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{PACKAGE} has another font than expected")
    return files
