"""What a person sees on a board, and does with the mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def column(page: Page, name: str) -> Locator:
    """A column of the board."""
    return page.get_by_role("region", name=name, exact=True)


def card(page: Page, title: str) -> Locator:
    """A ticket's card."""
    return page.locator(".card", has=page.get_by_role("link", name=title))


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
