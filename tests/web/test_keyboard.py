"""The whole of a day by keys alone: a board is made and filled, tickets move, are claimed and linked, an agent asks."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from kanban_sdk import Kanban
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until
from tests.web.looks import expect_cards


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("""() => {
            const one = document.activeElement;
            return one.getAttribute('aria-label') ?? one.textContent.trim();
        }""") == name:  # fmt: skip
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_a_board_is_made_filled_worked_on_and_shared_by_keys_alone(people: People, sdk: Kanban, site: Server) -> None:
    page = people.open("/", "kai")
    page.locator(".tile").first.wait_for()
    tab_to(page, "New board")
    page.keyboard.press("Enter")
    page.keyboard.type("By keys alone")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/board/\d+$"))
    board = int(page.url.rpartition("/")[2])
    expect(page.get_by_role("heading", name="Nothing is to be done yet")).to_be_visible()
    page.keyboard.press("n")
    for n in range(10):
        page.keyboard.type(f"ticket {n}")
        page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(10)
    page.keyboard.press("Escape")
    tab_to(page, "#" + str(sdk.boards.tickets(board).tickets[0].id) + " ticket 0")
    page.keyboard.press("Shift+ArrowRight")
    expect_cards(page, "In Progress", "ticket 0")
    page.keyboard.press("w")
    first = sdk.boards.tickets(board).tickets
    zero = next(one.id for one in first if one.title == "ticket 0")
    until(lambda: sdk.tickets.get(zero).claim is not None, what="the claim")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Write a comment")).to_be_visible()
    tab_to(page, "Add a ticket it waits for")
    page.keyboard.type("ticket 7")
    page.keyboard.press("Enter")  # the first match
    until(lambda: len(sdk.tickets.get(zero).blocked_by) == 1, what="the blocker")

    with site.kanban("bot") as bot:
        bot.tickets.ask(first[3].id, "@kai now?")
    expect(page.locator(".inbox-link .badge")).to_have_text("1")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.get_by_role("article", name="bot on").wait_for()
    tab_to(page, f"Answer on #{first[3].id}")
    page.keyboard.type("Yes.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()

    page.keyboard.press("Control+k")
    page.keyboard.type("by keys")
    page.get_by_role("option", name="By keys alone").wait_for()  # the boards are listed once they are read
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(10)
    page.keyboard.press("Control+k")
    page.keyboard.type("team and")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Webhooks").wait_for()
    tab_to(page, "Invite an agent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Set the agent up").locator(".secret")).to_contain_text(
        "kanban setup claude"
    )
