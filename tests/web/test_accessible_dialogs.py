"""axe finds no serious barrier in any dialog, menu or panel, in either theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.people import Guarded
from tests.support.pictures import picture
from tests.web.axe import Check

pytestmark = pytest.mark.slow

DIALOG, MENU = "dialog[open]", ".menu:popover-open"
Look = Callable[[str, str], None]


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> int:
    """A ticket with a file, beside others in the first column and in the last."""
    ticket = sdk.tickets.create("First", board=own.id, description="- [ ] one", labels=["ui", "api"], assignee="bob").id
    sdk.files.attach(ticket, picture("png"), name="shot.png")
    sdk.comments.add(ticket, "Mine to edit")
    sdk.tickets.create("Second", board=own.id, priority="critical", due_date="2020-01-01", assignee="bob")
    sdk.tickets.create("Third", board=own.id, column="Done")
    return ticket


def looker(page: Page, check: Check) -> Look:
    """Checks what was opened, and closes it."""

    def look(what: str, selector: str) -> None:
        page.locator(selector).first.wait_for()
        check(page, what, selector)
        page.keyboard.press("Escape")
        expect(page.locator(selector)).to_have_count(0)

    return look


def test_no_dialog_or_menu_of_a_board_has_a_serious_barrier(
    people: People, sdk: Kanban, own: Board, ticket: int, check: Check
) -> None:
    page = people.open(f"/board/{own.id}", "ada", bypass_csp=True)
    page.locator(".card").nth(2).wait_for()
    look = looker(page, check)

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    press("More about Not Started")
    look("menu of a column", MENU)
    for item, what in (("Limit and meaning", "limit of a column"), ("Add a column to the right", "new column")):
        press("More about Not Started")
        press(item)
        look(what, DIALOG)
    press("More about Not Started")
    press("Rename")
    look("name of a column", ".column-rename")
    press("Add a ticket to Not Started")
    page.get_by_label("Title of the new ticket").wait_for()
    check(page, "new ticket", ".column")
    page.keyboard.press("Escape")
    page.locator(".card").first.click(button="right")
    look("menu of a card", MENU)
    page.locator(".card-link").first.focus()
    for key, what in (("a", "assign"), ("t", "label"), ("m", "move"), ("p", "priority")):
        page.keyboard.press(key)
        look(what, DIALOG)
        page.locator(".card-link").first.focus()
    page.keyboard.press("x")
    page.locator(".bulk-bar").wait_for()
    check(page, "selection", ".bulk-bar")
    page.keyboard.press("Escape")
    for name in ("Label", "Assignee", "Views"):
        page.locator(".filters").get_by_role("button", name=name).click()
        look(f"filter: {name}", MENU)
    page.locator(".filters").get_by_role("button", name="Views").click()
    press("Keep this view")
    look("keep a view", DIALOG)
    press("More")
    look("menu of a board", MENU)
    press("Activity")
    page.locator("activity-drawer li").nth(2).wait_for()
    check(page, "activity", "activity-drawer")
    press("Close the activity")
    page.locator(".card-link").first.focus()
    page.keyboard.press("m")
    page.locator(DIALOG).wait_for()
    page.keyboard.type("Blocked")
    page.keyboard.press("Enter")
    page.locator(".toast").get_by_role("button", name="Undo").wait_for()
    check(page, "undo", ".toasts")


def test_no_part_of_a_ticket_has_a_serious_barrier(
    people: People, sdk: Kanban, own: Board, ticket: int, check: Check
) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket}", "grace", bypass_csp=True)
    panel = page.locator(".panel")
    panel.get_by_role("link", name="shot.png").wait_for()
    panel.get_by_text("Mine to edit").wait_for()
    look = looker(page, check)

    def press(name: str) -> None:
        panel.get_by_role("button", name=name).first.click()

    press("Watch the ticket")
    expect(panel.get_by_role("button", name="Watch the ticket")).to_have_attribute("aria-pressed", "true")
    check(page, "panel", ".panel")
    press("Delete the ticket")
    look("delete a ticket", DIALOG)
    press("Delete your comment")
    look("delete a comment", DIALOG)
    press("Remove shot.png")
    look("remove a file", DIALOG)
    press("Claim")
    press("Release")
    look("release", DIALOG)
    press("Edit the description")
    check(page, "description", ".text-form")
    press("Preview")
    check(page, "preview", ".text-form")
    press("Cancel")
    press("Edit your comment")
    check(page, "own comment", ".comment")
    panel.get_by_label("Assignee").fill("b")
    page.locator("[role=option]:visible").first.wait_for()
    check(page, "assignees", ".properties")
    comment = panel.get_by_label("Write a comment")
    comment.click()
    comment.press_sequentially("@b")
    page.locator("[role=option]:visible").first.wait_for()
    check(page, "completion", ".panel")
    sdk.tickets.delete(ticket)  # grace holds it, in the browser and here
    page.get_by_text("This ticket was deleted").wait_for()
    check(page, "deleted ticket", ".panel")


def test_no_dialog_of_boards_or_list_of_an_archive_has_a_serious_barrier(
    people: People, sdk: Kanban, own: Board, ticket: int, check: Check
) -> None:
    sdk.tickets.delete(ticket)
    sdk.boards.archive(own.id, days=0)
    page = people.open(f"/board/{own.id}/archive", "ada", bypass_csp=True)
    expect(page.get_by_role("button", name="Restore #")).to_have_count(2)
    check(page, "archive and trash")
    page.goto("/")
    look = looker(page, check)
    more = page.get_by_role("button", name=f"More about {own.name}", exact=True)
    more.click()
    look("menu of a board", MENU)
    more.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    look("delete a board", DIALOG)
    page.get_by_role("button", name="New board").first.click()
    look("new board", DIALOG)


def test_no_page_of_a_team_has_a_serious_barrier(known_people: People, guarded: Guarded, check: Check) -> None:
    token = guarded.person("Axel")
    board = guarded.board(token, "Accessible")
    guarded.agent(token, "axel-bot")
    guarded.person("Bea")
    guarded.member(token, board, "Bea")
    page = known_people.open(f"/login?next=/board/{board}/team", "accessible", bypass_csp=True)
    page.get_by_label("Your token").wait_for()
    check(page, "login")
    page.get_by_label("Your token").fill(guarded.root)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Remove Bea").wait_for()
    check(page, "members")
    look = looker(page, check)
    for name, what in (
        ("Remove Bea", "remove a member"), ("Invite an agent", "invite an agent"),
        ("Invite a person", "invite a person"), ("Add a webhook", "new webhook"),
    ):  # fmt: skip
        page.get_by_role("button", name=name, exact=True).click()
        look(what, DIALOG)
    page.get_by_role("button", name="Invite a person", exact=True).click()
    page.get_by_role("button", name="Make the link").click()
    page.locator(".secret").wait_for()
    look("link of an invite", DIALOG)
    page.goto("/users")
    page.get_by_role("button", name="Disable Bea").click()
    look("disable a user", DIALOG)
    check(page, "users and tokens")
    page.get_by_role("button", name="New token").click()
    look("new token", DIALOG)
    page.goto("/profile")
    page.get_by_role("button", name="Save").wait_for()
    check(page, "profile")
    page.goto("/join#kbi_none")
    page.get_by_role("button", name="Join").wait_for()
    check(page, "join")
