"""The board in a real browser: time until a large board is shown, and frame times while tickets are moved."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import boards
from benchmarks.boards import Mover
from benchmarks.client import Connection, run
from benchmarks.figures import Row, Target, paired, percentile
from benchmarks.servers import Plan, Server, kanban

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

TICKETS = 5_000
EVENTS = 100
"""Moves per second."""
SECONDS = 10
SMALL = "a board of 10"

WATCH = """
    localStorage.username = 'ada';
    window.shown = new Promise((painted) => new MutationObserver((_, observer) => {
        if (!document.querySelector('.card')) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => painted(performance.now())));
    }).observe(document, { childList: true, subtree: true }));
"""
"""Script that records when the first cards are painted."""
FRAMES = """() => {
    window.frames_ = [];
    let last = performance.now();
    const frame = (now) => { frames_.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""


def measure(plan: Plan) -> list[Row]:
    """Measure a row for opening a large board, and one for its frame times while others move its tickets."""
    from tests.support.browser import chromium

    path = chromium()
    if path is None:
        return [Row("not measured: there is no Chromium")]
    with kanban(plan) as server:
        return run(_measure(plan, server, path))


async def _measure(plan: Plan, server: Server, path: str) -> list[Row]:
    from playwright.async_api import async_playwright

    from tests.support.browser import FLAGS

    small, _ = await boards.board(server.port, 10)
    large, tickets = await boards.board(server.port, TICKETS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        context = await browser.new_context(
            base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 1280, "height": 800}
        )
        await context.add_init_script(WATCH)
        await _open(context, small)  # the first page warms up the browser and the server
        opened = [(await _open(context, small), await _open(context, large)) for _ in range(plan.rounds)]
        frames = await _frames(context, server, large, tickets)
        await browser.close()
    floors, ours = zip(*opened, strict=True)
    return [
        Row(f"{SMALL} opens", figures={"ms": median(floors)}),
        Row(f"{TICKETS:,} tickets open", {SMALL: paired(ours, floors)}, {"ms": median(ours)}, Target("ms", "≤", 2000)),
        Row(
            f"a frame at {EVENTS} events a second",
            figures={"p50 ms": percentile(frames, 50), "p99 ms": percentile(frames, 99), "longest ms": max(frames)},
            target=Target("longest ms", "≤", 100),
        ),
    ]


async def _open(context: BrowserContext, board: int) -> float:
    """Return the time from the start of the navigation to the first painted cards, in ms."""
    page = await context.new_page()
    shown = await _show(page, board)
    await page.close()
    return shown


async def _show(page: Page, board: int) -> float:
    await page.goto(f"/board/{board}")
    return float(await page.evaluate("shown"))


async def _frames(context: BrowserContext, server: Server, board: int, tickets: list[int]) -> list[float]:
    """Return the duration of each frame while tickets are moved, in ms."""
    page = await context.new_page()
    await _show(page, board)
    await page.evaluate(FRAMES)
    mover = Mover(tickets)
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with await Connection.open(server.port) as connection:
        for number in range(EVENTS * SECONDS):
            await asyncio.sleep(start + number / EVENTS - loop.time())
            await connection.request(mover.plain())
    frames = [float(frame) for frame in await page.evaluate("frames_")]
    await page.close()
    return frames
