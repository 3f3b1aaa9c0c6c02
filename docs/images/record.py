"""Record a run of the command line, and make docs/images/run.svg of it.

python docs/images/record.py

The commands run for real, each as a person or an agent, beside a `kanban watch` on a terminal. The picture shows what
they printed, in order. Pauses and long outputs are shortened.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.servers import clean_environment, running  # noqa: E402

TARGET = Path(__file__).with_name("run.svg")
SCENES = (
    ("ada", 'kanban add "Fix the login race" --priority high --criteria "- the test that hangs is green"'),
    ("ada", 'kanban add "Write the release notes" --on 1'),
    ("agent-7", "kanban next"),
    ("agent-9", "kanban claim 1"),
    ("agent-7", 'kanban comment 1 "found it: the session is read twice"'),
    ("agent-7", 'kanban done 1 --check all -m "the session is read once"'),
    ("agent-9", "kanban next"),
)
"""Who types what."""
COLUMNS, LINE, LETTER = 108, 17, 7.83
"""Characters a line, and the size of a line and of a character in pixels, at 13 px."""
MOST = 7
"""Lines of an output that are shown."""
TYPING, PAUSE, END = 0.5, 0.9, 4.0
"""Seconds in the picture from a command to its output, from there to the next command, and at the end."""


@dataclass(frozen=True)
class Shown:
    """A line of the picture: who typed it, or where it was printed (`out`, `error`, `event`)."""

    kind: str
    text: str


class Watch:
    """A `kanban watch` on a terminal of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._end, other = pty.openpty()
        command = [sys.executable, "-m", "kanban_cli", "watch", "--after", "0"]
        self._process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment)
        os.close(other)
        self._text = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._end, 65536)
            except OSError:
                return
            self._text += data.decode(errors="replace")

    def lines(self, count: int) -> list[str]:
        """Wait until there are at least `count` lines, and no more come."""
        deadline = time.monotonic() + 60
        while self._text.count("\n") < count and time.monotonic() < deadline:
            time.sleep(0.02)
        seen = -1
        while seen != len(self._text):
            seen = len(self._text)
            time.sleep(0.5)
        return [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).rstrip() for line in self._text.split("\r\n")[:-1]]

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._end)


def record() -> list[list[Shown]]:
    """Run the scenes; return what each showed: the command, its output, and the events that it caused."""
    with tempfile.TemporaryDirectory() as folder, running(str(Path(folder) / "kanban.db")) as server:
        common = {"KANBAN_URL": server.url, "HOME": folder, "NO_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm"}
        watch = Watch(clean_environment(**common, KANBAN_USER="ada"))
        try:
            scenes = [[Shown("event", line) for line in watch.lines(1)]]
            known = len(scenes[0])
            for user, command in SCENES:
                words = [sys.executable, "-m", "kanban_cli", *shlex.split(command)[1:]]
                environment = clean_environment(**common, KANBAN_USER=user, KANBAN_SESSION=user)
                done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
                lines = [line for line in done.stdout.splitlines() if line]
                printed = [Shown("out", line) for line in lines[:MOST]]
                printed += [Shown("out", "…")] if len(lines) > MOST else []
                printed += [Shown("error", line) for line in done.stderr.splitlines()]
                events = watch.lines(known + (done.returncode == 0))
                scene = [Shown(user, command), *printed, *(Shown("event", line) for line in events[known:])]
                known = len(events)
                scenes.append(scene)
        finally:
            watch.stop()
    return scenes


def picture(scenes: list[list[Shown]]) -> str:
    """The moving picture: the shells above, the watch below; each line appears in its turn."""
    moments: list[tuple[float, Shown]] = []
    now = 0.0
    for scene in scenes:
        for shown in scene:
            is_command = shown.kind not in {"out", "error", "event"}
            moments.append((now + (0 if is_command else TYPING), shown))
        now += TYPING + PAUSE
    total = now + END
    shells = [moment for moment in moments if moment[1].kind != "event"]
    events = [moment for moment in moments if moment[1].kind == "event"]
    body = [_line(at, shown, 46 + LINE * row) for row, (at, shown) in enumerate(shells)]
    below = 46 + LINE * len(shells) + 14
    heading = f'<text class="head" x="14" y="{below + 12}">$ kanban watch</text>'
    body += [_line(at, shown, below + 12 + LINE * (row + 1)) for row, (at, shown) in enumerate(events)]
    height = below + 12 + LINE * len(events) + 18
    width = round(COLUMNS * LETTER + 28)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
 role="img">
<title>Shells of a person and two agents, and a watch: one agent claims a ticket, another is refused</title>
<style>
text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #d6deeb }}
.head {{ fill: #7f8ea3 }} .ada {{ fill: #f2c27b }} .agent-7 {{ fill: #8bd49c }} .agent-9 {{ fill: #82b8f0 }}
.error {{ fill: #f08c8c }} .event {{ fill: #b9c4d3 }}
@media (prefers-reduced-motion: no-preference) {{ .line {{ animation: {total:.1f}s step-end infinite }} }}
{"".join(_keyframes(at, total) for at in sorted({at for at, _ in moments}))}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#141a22"/>
<line x1="0" x2="{width}" y1="{below - 6}" y2="{below - 6}" stroke="#2c3643"/>
<circle cx="18" cy="16" r="5" fill="#f08c8c"/>
<circle cx="36" cy="16" r="5" fill="#f2c27b"/><circle cx="54" cy="16" r="5" fill="#8bd49c"/>
{heading}
{chr(10).join(body)}
</svg>
"""


def _name(at: float) -> str:
    return f"at{round(at * 10)}"


def _keyframes(at: float, total: float) -> str:
    share = 100 * at / total
    hidden = "" if at == 0 else "0% { opacity: 0 } "
    return f"@keyframes {_name(at)} {{ {hidden}{share:.2f}% {{ opacity: 1 }} }}\n"


def _line(at: float, shown: Shown, y: float) -> str:
    is_command = shown.kind not in {"out", "error", "event"}
    text = f"{shown.kind} $ {shown.text}" if is_command else shown.text
    text = text if len(text) <= COLUMNS else text[: COLUMNS - 1] + "…"
    return f'<text class="line {shown.kind}" x="14" y="{y}" style="animation-name: {_name(at)}">{escape(text)}</text>'


if __name__ == "__main__":
    TARGET.write_text(picture(record()), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1024:.0f} KiB")
