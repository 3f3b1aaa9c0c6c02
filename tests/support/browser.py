"""The machine's own Chromium, and users who open boards in it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AT_ONCE = 2
"""Browsers that work at the same time: a third one on two cores makes all of them slower than two in turn."""
WIDE, NARROW = (1280, 800), (375, 740)
"""Window sizes: a laptop's and a phone's."""

expect.set_options(timeout=30_000)


def chromium() -> str | None:
    """Return the path of this machine's Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser for all tests, started by the first test that opens a page."""

    def __init__(self, path: str) -> None:
        self._playwright = sync_playwright().start()
        self.browser: Browser = self._playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        self._loop = asyncio._get_running_loop()

    @contextmanager
    def awake(self) -> Iterator[Browser]:
        """The browser. Playwright's loop counts as this thread's running one only inside the block, so that other tests
        can run their own loops in between.

        Test processes take turns, so that at most `AT_ONCE` browsers are used at a time.
        """
        with FileLock(Path(gettempdir()) / f"kanban-test-browser-{_process_number() % AT_ONCE}", is_singleton=True):
            asyncio._set_running_loop(self._loop)
            try:
                yield self.browser
            finally:
                asyncio._set_running_loop(None)

    def close(self) -> None:
        with self.awake():
            self.browser.close()
            self._playwright.stop()


def _process_number() -> int:
    """The number of this process among those that run the tests."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def required_browser(config: pytest.Config) -> Chromium:
    """Start this machine's Chromium; skips where there is none, or fails with --browser."""
    path = chromium()
    if path is None and config.getoption("--browser"):
        pytest.fail("Chromium is required, and none is on the PATH")
    if path is None:
        pytest.skip("Chromium: none on the PATH")
    return Chromium(path)


class People:
    """Opens pages, each user in a browser context of their own, and collects the faults in them.

    Faults are errors on the console, violations of the Content-Security-Policy, uncaught exceptions, and dialogs. A
    request that the server refuses is no fault: the page may be made to send it. With `outages` the test takes the
    server away, so failed connections are no faults either.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        self.url = url
        self._faults: list[str] = []
        self._messages: dict[Page, list[str | bytes]] = {}
        self.outages = False

    def open(
        self,
        path: str = "/",
        user: str = "ada",
        *,
        size: tuple[int, int] = WIDE,
        theme: str = "light",
        **options: Any,
    ) -> Page:
        """Open a page at a path in this user's browser; a second one is a second tab of it.

        The window size, the theme and further options of Playwright's `new_context` are fixed by the user's first page.
        """
        context = self._contexts.get(user) or self._contexts.setdefault(user, self._begin(user, size, theme, options))
        page = context.new_page()
        page.on("dialog", self._dialog)
        messages = self._messages[page] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda text: messages.append(text)))
        page.goto(path)
        return page

    def faults(self) -> list[str]:
        """Return the faults so far."""
        for context in self._contexts.values():
            for page in context.pages:
                page.evaluate("0")  # Playwright delivers pending events while a call is made
        return self._faults

    def messages(self, page: Page) -> list[dict[str, Any]]:
        """Return the messages that a page has received over its sockets so far."""
        page.evaluate("0")
        return [json.loads(message) for message in self._messages[page]]

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _begin(self, user: str, size: tuple[int, int], theme: str, options: dict[str, Any]) -> BrowserContext:
        width, height = size
        settings: dict[str, Any] = {
            "base_url": self.url, "viewport": {"width": width, "height": height}, "color_scheme": theme,
            "reduced_motion": "reduce", "service_workers": "block",
        }  # fmt: skip
        context = self._browser.new_context(**settings | options)
        context.add_init_script(f"if (location.protocol !== 'about:') localStorage.username ??= {json.dumps(user)}")
        context.on("console", self._console)
        context.on("weberror", lambda error: self._faults.append(f"not caught: {error.error}"))
        return context

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        address = message.location.get("url", "")
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if refused and "/api/" in address:
            return
        if self.outages and re.search(r"net::ERR_|WebSocket connection to", message.text):
            return
        self._faults.append(f"{message.text} ({address})")

    def _dialog(self, dialog: Dialog) -> None:
        self._faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()
