"""What a person sees on a board, and does with the mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from tests.support.waiting import until

NOTES = """
    window.notes = [];
    window.Notification = class {
        static permission = 'granted';
        constructor(title, { body }) { notes.push(body); }
    };
"""
"""Keeps the notifications that a page shows, in `notes`."""


def column(page: Page, name: str) -> Locator:
    """A column of the board."""
    return page.get_by_role("region", name=name, exact=True)


def card(page: Page, title: str) -> Locator:
    """A ticket's card."""
    return page.locator(".card", has=page.get_by_role("link", name=title))


def panel(page: Page) -> Locator:
    """The open ticket."""
    return page.locator("ticket-panel section.panel")


def expect_cards(page: Page, name: str, *titles: str) -> None:
    """A column holds these cards, from the top."""
    expect(column(page, name).locator(".card-link")).to_contain_text(list(titles))


def lift(page: Page, title: str) -> None:
    """Take a card with the mouse, and hold it."""
    box = card(page, title).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 40, steps=2)


def carry(page: Page, target: Locator, *, y: float = 60) -> None:
    """Hold what is held over another place."""
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + y, steps=3)


def note(page: Page) -> Locator:
    """The notes at the foot of the page."""
    return page.get_by_role("region", name="Notes")


def hold(page: Page, address: str, method: str) -> list[Route]:
    """Keep back what a page asks of the server: the requests that wait, for `let_go`."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route) if route.request.method == method else route.continue_())
    return waiting


def until_held(page: Page, waiting: list[Route]) -> None:
    """Wait until a request is kept back."""
    until(lambda: page.evaluate("fetch('/health').then(() => 0)") or waiting, what="the request")


def let_go(page: Page, waiting: list[Route]) -> None:
    """Let the first request that is kept back, or the next one, reach the server."""
    until_held(page, waiting)
    waiting.pop(0).continue_()


def lose_the_answer(page: Page, address: str, method: str) -> None:
    """Let the server do what a page asks for, and the page hear a refusal instead, once."""

    lost: list[Route] = []

    def lose(route: Route) -> None:
        if lost or route.request.method != method:
            return route.continue_()
        lost.append(route)
        route.fetch()
        return route.fulfill(status=409, json={"detail": "Lost on the way."})

    page.route(address, lose)
