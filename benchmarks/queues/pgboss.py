"""pg-boss in a Node process of its own (`pgboss.mjs`): workers fetch a job and complete it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from benchmarks import queues
from benchmarks.client import PATIENCE, Load
from benchmarks.machine import Missing

PACKAGE = "pg-boss@10"
NPM = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix")
SCRIPT = Path(__file__).with_name("pgboss.mjs")


@contextmanager
def installed() -> Iterator[Path]:
    """Download the package, and put the script beside it, for the duration of the block. Raises Missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("Node is not installed here")
    with queues.installed(PACKAGE, NPM) as folder:
        shutil.copy(SCRIPT, folder)
        yield folder


def version(folder: Path) -> str:
    """Return the version that was downloaded."""
    package = folder / "node_modules" / "pg-boss" / "package.json"
    return str(orjson.loads(package.read_bytes())["version"])


@contextmanager
def running(address: str, folder: Path) -> Iterator[PgBoss]:
    """Run pg-boss on an empty database for the duration of the block."""
    command = ["node", str(folder / SCRIPT.name), address]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield PgBoss(process)
    finally:
        process.kill()
        process.communicate()


class PgBoss:
    """A queue behind a process that gets one command per line and returns one result per line, as JSON."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    async def fill(self, jobs: int) -> None:
        """Insert jobs until `jobs` wait."""
        await self._send({"fill": jobs})

    async def run(self, workers: int, seconds: float) -> Load:
        """Run workers over one pool, with a connection for each."""
        result = await self._send({"workers": workers, "seconds": seconds})
        return Load.of(result["took"], result["seconds"])

    async def _send(self, command: dict[str, object]) -> Any:
        async with asyncio.timeout(PATIENCE + 60):
            return await asyncio.to_thread(self._exchange, orjson.dumps(command) + b"\n")

    def _exchange(self, line: bytes) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("pg-boss has ended")
        return orjson.loads(answer)
