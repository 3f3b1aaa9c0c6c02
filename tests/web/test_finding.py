"""Finding tickets, getting about by keys, light and dark, and notes of what concerns one."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.web.looks import NOTES, column, expect_cards, hold, until_held


def test_a_search_and_filters_narrow_the_board_and_stand_in_its_address(
    people: People, sdk: Kanban, own: Board
) -> None:
    plain = sdk.tickets.create("plain", board=own.id, description="Only here: xylophone", assignee="bob")
    sdk.tickets.create("Café", board=own.id, labels=["api"], priority="high")
    waits = sdk.tickets.create("waits", board=own.id, labels=["api"])
    sdk.tickets.block(waits.id, plain.id)
    sdk.tickets.claim(sdk.tickets.create("held", board=own.id).id)
    page = people.open(f"/board/{own.id}")
    expect_cards(page, "Not Started", "plain", "Café", "waits")
    page.keyboard.press("/")
    page.keyboard.type("cafe")
    expect_cards(page, "Not Started", "Café")
    expect(page.locator(".shown")).to_have_text("1 of 4 shown")
    page.get_by_label("Search this board").fill("xyloph")
    expect_cards(page, "Not Started", "plain")
    expect(page).to_have_url(re.compile(r"\?search=xyloph$"))
    waiting = hold(page, "**/api/tickets?*", "GET")
    page.get_by_label("Search this board").fill("zither")
    until_held(page, waiting)
    expect(page.locator(".card")).to_have_count(0)  # what was found before is no answer to this
    page.unroute("**/api/tickets?*")
    page.keyboard.press("Escape")
    expect_cards(page, "Not Started", "plain", "Café", "waits")

    page.get_by_role("button", name="Label").click()
    page.get_by_role("group", name="Label").get_by_label("api").check()
    page.keyboard.press("Escape")
    expect_cards(page, "Not Started", "Café", "waits")
    page.get_by_role("button", name="Blocked", exact=True).click()
    expect_cards(page, "Not Started", "waits")
    expect(column(page, "In Progress")).to_contain_text("None that the filter lets through")
    shared = people.open(page.url.partition(people.url)[2], "bob")
    expect_cards(shared, "Not Started", "waits")
    sdk.tickets.unblock(waits.id, plain.id)
    expect(shared.locator(".card")).to_have_count(0)
    shared.get_by_role("button", name="Clear").click()
    for name, titles in (("Held", ["held"]), ("Ready", ["plain", "Café", "waits"])):
        shared.get_by_role("button", name=name, exact=True).click()
        expect(shared.locator(".card-link")).to_contain_text(titles)
        shared.get_by_role("button", name=name, exact=True).click()
    shared.get_by_role("button", name="Assignee").click()
    shared.get_by_role("group", name="Assignee").get_by_label("bob").check()
    expect(shared.locator(".card-link")).to_contain_text(["plain"])


def test_keys_lead_about_and_a_sheet_says_which(people: People, sdk: Kanban, own: Board) -> None:
    for title in ("one", "two"):
        sdk.tickets.create(title, board=own.id)
    sdk.tickets.create("three", board=own.id, column="Done")
    page = people.open(f"/board/{own.id}")
    page.get_by_role("link", name="one").focus()
    for key, title in (("ArrowDown", "two"), ("ArrowRight", "three"), ("h", "one"), ("End", "two"), ("k", "one")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=title)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Lift a card")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_theme_is_the_systems_until_one_chooses(people: People, own: Board) -> None:
    page = people.open(f"/board/{own.id}", theme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="You are ada").click()
    page.get_by_label("Light").check(force=True)
    assert page.evaluate(background) != dark
    page.reload()
    assert page.evaluate(background) != dark
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="You are ada").click()
    page.get_by_label("Dark").check(force=True)
    assert page.evaluate(background) == dark


def test_mentions_and_tickets_for_one_are_notified_once_one_wants_that(people: People, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("one", board=own.id)
    page = people.open("/", permissions=["notifications"])
    page.add_init_script(NOTES)
    page.goto(f"/board/{own.id}")
    expect_cards(page, "Not Started", "one")
    sdk.comments.add(ticket.id, "Not yet, @ada")
    expect(page.locator(".card")).to_contain_text("1 comment")
    page.get_by_role("button", name="You are ada").click()
    page.get_by_label("Notify me").check()
    sdk.comments.add(ticket.id, "Look, @ada")
    sdk.comments.add(ticket.id, "Look, @bob")
    sdk.tickets.edit(ticket.id, assignee="ada")
    expect(page.get_by_role("img", name="Assigned to ada")).to_be_visible()
    assert page.evaluate("notes") == ["grace mentions you: Look, @ada", f"grace assigned you #{ticket.id}"]


def test_the_palette_finds_tickets_of_all_boards(people: People, sdk: Kanban, own: Board) -> None:
    other = sdk.boards.create("Somewhere else")
    ticket = sdk.tickets.create("修复登录页面", board=other.id, description="Only here: quokka")
    page = people.open(f"/board/{own.id}")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Commands")
    for text in ("登录", "quokka"):
        palette.get_by_role("combobox").fill(text)
        expect(palette.get_by_role("option", name=f"#{ticket.id} 修复登录页面")).to_contain_text("Somewhere else")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/board/{other.id}/ticket/{ticket.id}$"))
