"""`python -m benchmarks.peers`: install the peers, play the scenes, print one table."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs

from benchmarks.machine import Missing
from benchmarks.peers import page
from benchmarks.peers.adapters import ADAPTERS, OURS
from benchmarks.peers.peer import Peer, Unavailable
from benchmarks.peers.rates import RATES
from benchmarks.peers.scenes import SCENE_SECONDS, SCENES, SETUP_SECONDS, Result

ALL: dict[str, Callable[[Peer], Result]] = {**SCENES, **RATES}


def main() -> None:
    arguments = _arguments()
    report = page.Report()
    for name in arguments.peers or ADAPTERS:
        try:
            play(name, arguments.scene or list(ALL), arguments.cache, report)
        except Missing as reason:
            report.missing[name] = str(reason)
            print(f"{name}: left out: {reason}", flush=True)
        if arguments.page:
            arguments.page.write_text(report.page())
    print(report.table())


def play(name: str, scenes: Sequence[str], cache: Path, report: page.Report) -> None:
    """Play scenes against one tool, each on an empty store. Raises Missing if the tool can't be installed."""
    for scene in scenes:
        with tempfile.TemporaryDirectory(prefix="kanban-peer-", ignore_cleanup_errors=True) as folder:
            peer = ADAPTERS[name](Path(folder), cache)
            try:
                report.describe(name, peer)
            except (RuntimeError, TimeoutError, OSError) as error:
                raise Missing(f"it is installed but prints no version: {error}") from error
            start = time.monotonic()
            result = _play(scene, peer)
            report.add(name, scene, result)
            print(f"{name}: {scene}: {result.text} ({time.monotonic() - start:.0f} s)", flush=True)


def _play(scene: str, peer: Peer) -> Result:
    peer.deadline = time.monotonic() + SETUP_SECONDS
    try:
        peer.start()
        peer.deadline = time.monotonic() + SCENE_SECONDS
        return ALL[scene](peer)
    except Unavailable as reason:
        return Result(f"– ({reason})")
    except TimeoutError:
        return Result("not done in time")
    except Exception as error:  # a tool may fail in any way, and the next scene is played all the same
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return Result(f"failed: {lines[0][:120]}")
    finally:
        peer.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Play the same scenes with peers.")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(ADAPTERS)}; all if none is named")
    parser.add_argument("--scene", action="append", choices=ALL, help="play this scene only; may be repeated")
    parser.add_argument("--page", metavar="FILE", type=Path, help="write the table into this document")
    parser.add_argument(
        "--cache", metavar="FOLDER", type=Path, help="where peers are installed, each in an environment of its own",
        default=platformdirs.user_cache_path("agent-kanban") / "peers",
    )  # fmt: skip
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.peers if name not in ADAPTERS]:
        parser.error(f"there is no peer {unknown[0]!r}; there are {', '.join(ADAPTERS)}")
    assert set(OURS) <= set(ADAPTERS)
    return arguments


if __name__ == "__main__":
    main()
