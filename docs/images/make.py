"""Make the pictures of this folder: a server with a board on which agents work, looked at in Chromium.

python docs/images/make.py [NAME ...]
"""

from __future__ import annotations

import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.browser import FLAGS, chromium  # noqa: E402
from tests.support.servers import Server, migrated, running  # noqa: E402

WIDE, NARROW = (1280, 720), (360, 720)
DESCRIPTION = """\
Two refreshes at once end the session: the second one sends a token that the first has just replaced.

- [x] write a test that hangs, see #{tests}
- [ ] replace the token in one transaction
- [ ] look at the log of #{cookies} again

```python
async with session.begin():
    token = await tokens.replace(old)
```
"""


def fill(server: Server) -> dict[str, int]:
    """Fill a board with work in progress; return its id and those of some tickets."""
    with server.kanban("ada") as ada:
        board = ada.boards.create("Website", description="What we ship next").id

        def add(title: str, **fields: object) -> int:
            return ada.tickets.create(title, board=board, **fields).id  # type: ignore[arg-type]

        tests = add("Tests for refreshing a session", labels=["tests"], column="Done", assignee="claude-1")
        cookies = add("Set SameSite on the session cookie", labels=["security"], priority="critical")
        login = add(
            "Fix the login race", labels=["bug", "auth"], priority="high", due_date="2031-05-17",
            description=DESCRIPTION.format(tests=tests, cookies=cookies),
            acceptance_criteria="- [x] the test that hangs is green\n- [ ] no session ends early in an hour of load",
        )  # fmt: skip
        notes = add("Write the release notes", labels=["docs"], priority="low", assignee="bob")
        add("Export a board as CSV", labels=["feature"], parent=login)
        add("Keyboard focus is lost after a dialog closes", labels=["bug", "accessibility"])
        add("Upgrade the database driver", labels=["chore"], priority="low")
        add("Dark theme for the figures", labels=["ui"], column="Ready for QC", assignee="ada")
        for title, label in (
            ("Compress snapshots", "speed"),
            ("Say who holds a ticket", "ui"),
            ("Log out everywhere", "auth"),
        ):
            add(title, labels=[label], column="Done", assignee="codex")
        ada.tickets.block(notes, login)
        ada.comments.add(login, "I can make it happen with two tabs. @claude-1 please look at the tokens first.")
        ada.boards.edit_column(board, ada.boards.get(board).column_settings[1].id, limit=3)
        ada.boards.create("Research", description="Questions and experiments")
    _work(server, login, cookies)
    return {"board": board, "login": login, "cookies": cookies}


def _work(server: Server, login: int, cookies: int) -> None:
    with server.kanban("claude-1") as agent:
        agent.tickets.claim(login)
        agent.comments.add(login, "Found it: `replace` reads outside the transaction. Fix and test follow.")
    with server.kanban("codex") as agent:
        agent.tickets.claim(cookies)
        agent.tickets.ask(cookies, "@ada Strict breaks the link from our mails. May I use Lax?")


def pictures(ids: dict[str, int], server: Server, browser: Browser) -> dict[str, Callable[[], Page]]:
    """What is on each picture."""

    def page(path: str, size: tuple[int, int] = WIDE, theme: str = "light") -> Page:
        width, height = size
        context = browser.new_context(
            base_url=server.url, viewport={"width": width, "height": height}, color_scheme=theme,
            has_touch=size == NARROW, reduced_motion="reduce",
        )  # type: ignore[call-overload]  # fmt: skip
        context.add_init_script("localStorage.username = 'ada'")
        opened: Page = context.new_page()
        opened.goto(path)
        opened.wait_for_load_state("networkidle")
        return opened

    board = f"/board/{ids['board']}"

    def palette() -> Page:
        opened = page(board, theme="dark")
        opened.locator(".card").first.wait_for()
        opened.keyboard.press("Control+k")
        opened.get_by_role("combobox").fill("log")
        return opened

    def setup() -> Page:
        opened = page(f"{board}/team")
        opened.get_by_role("button", name="Invite an agent").click()
        return opened

    return {
        "board": lambda: page(board),
        "ticket": lambda: page(f"{board}/ticket/{ids['login']}", theme="dark"),
        "phone": lambda: page(board, NARROW),
        "phone-ticket": lambda: page(f"{board}/ticket/{ids['login']}", NARROW, "dark"),
        "agents": lambda: page(f"{board}/agents"),
        "list": lambda: page(f"{board}?view=list&group=current_column"),
        "palette": palette,
        "setup": setup,
    }


def shrink(png: bytes) -> bytes:
    """Return a PNG with at most 256 colours: a third of the size, and hardly to be told from the original."""
    width, height, channels, rows = _decode(png)
    pixels = [[tuple(row[at : at + 3]) for at in range(0, width * channels, channels)] for row in rows]
    counts = Counter(pixel for line in pixels for pixel in line)
    palette = [colour for colour, _ in counts.most_common(128)]
    chosen = set(palette)
    boxes = Counter({colour: n for colour, n in counts.items() if colour not in chosen})
    coarse = Counter[tuple[int, ...]]()
    for colour, n in boxes.items():
        coarse[tuple(part // 24 * 24 + 12 for part in colour)] += n
    palette += [colour for colour, _ in coarse.most_common(256 - len(palette))]
    index = {colour: _nearest(colour, palette) for colour in counts}
    lines = b"".join(b"\0" + bytes(index[pixel] for pixel in line) for line in pixels)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(part for colour in palette for part in colour)),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _nearest(colour: tuple[int, ...], palette: list[tuple[int, ...]]) -> int:
    return min(range(len(palette)), key=lambda n: sum((a - b) ** 2 for a, b in zip(colour, palette[n], strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _decode(png: bytes) -> tuple[int, int, int, list[bytearray]]:
    """Width, height, bytes a pixel, and the rows of an 8-bit RGB or RGBA image. https://www.w3.org/TR/png/#9Filters"""
    width, height, _, colour_type = struct.unpack(">IIBB", png[16:26])
    channels = {2: 3, 6: 4}[colour_type]
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(data), width * channels
    rows = [bytearray(stride)]
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        above = rows[-1]
        for x in range(stride):
            left, corner = (line[x - channels], above[x - channels]) if x >= channels else (0, 0)
            line[x] = (line[x] + _predict(kind, left, above[x], corner)) & 255
        rows.append(line)
    return width, height, channels, rows[1:]


def _predict(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
    return (0, left, up, (left + up) // 2)[kind]


def main(names: list[str]) -> None:
    """Make the named pictures, or all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        with running(migrated(str(Path(folder) / "kanban.db"))) as server:
            ids = fill(server)
            for name, open_page in pictures(ids, server, browser).items():
                if names and name not in names:
                    continue
                page = open_page()
                page.wait_for_timeout(800)  # fonts, avatars and leases are there by then
                target = Path(__file__).with_name(f"{name}.png")
                target.write_bytes(shrink(page.screenshot()))
                print(f"{target.name}: {target.stat().st_size / 1024:.0f} KiB")
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
