"""An open ticket: at an address of its own, edited without losing anybody's words, discussed, claimed, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kanban_sdk import Board, Kanban, Ticket
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until
from tests.web.looks import card, expect_cards, hold, let_go, note, panel, until_held


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> Ticket:
    return sdk.tickets.create(
        "Fix it", board=own.id, description="It is **broken**.", acceptance_criteria="works\nfast"
    )


def test_a_ticket_has_an_address_and_the_panel_comes_and_goes_with_it(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    page = people.open(f"/board/{own.id}")
    card(page, "Fix it").click()
    expect(page).to_have_url(re.compile(rf"/board/{own.id}/ticket/{ticket.id}$"))
    expect(panel(page)).to_be_focused()
    expect(panel(page).locator(".prose strong")).to_have_text("broken")
    page.go_back()
    expect(panel(page)).to_be_hidden()
    page.go_forward()
    expect(panel(page).get_by_role("heading", name="Fix it")).to_be_visible()
    page.reload()
    expect(panel(page).get_by_role("heading", name="Fix it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Fix it")).to_be_focused()

    blocker = sdk.tickets.create("First", board=own.id)
    sdk.tickets.block(ticket.id, blocker.id)
    expect(card(page, "Fix it")).to_contain_text(f"waits for #{blocker.id}")
    card(page, "Fix it").click()
    panel(page).get_by_role("link", name="First").click()
    expect(page).to_have_url(re.compile(rf"/ticket/{blocker.id}$"))
    expect(panel(page)).to_contain_text("Holds up")
    page.goto(f"/board/{own.id}/ticket/999999")
    expect(panel(page)).to_contain_text("There is no ticket 999999")


def test_a_conflict_shows_both_texts_and_keeps_ones_own(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    panel(page).get_by_role("button", name="Edit the description").click()
    text = panel(page).get_by_label("Description", exact=True)
    text.fill("Mine.")
    sdk.tickets.edit(ticket.id, priority="high")  # another field is no conflict
    sdk.tickets.edit(ticket.id, description="Theirs.")
    conflict = panel(page).locator(".conflict")
    expect(conflict).to_contain_text("grace changed this while you were writing.")
    expect(conflict.locator(".theirs")).to_have_text("Theirs.")
    expect(text).to_have_value("Mine.")
    page.reload()
    expect(conflict.locator(".theirs")).to_have_text("Theirs.")
    expect(text).to_have_value("Mine.")
    conflict.get_by_role("button", name="Keep mine").click()
    panel(page).get_by_role("button", name="Save").click()
    until(lambda: sdk.tickets.get(ticket.id).description == "Mine.", what="the text that was kept")
    expect(text).to_be_hidden()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft'))") == []

    panel(page).get_by_role("button", name="Edit the title").click()
    panel(page).get_by_label("Title", exact=True).fill("Mend it")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", name="Mend it")).to_be_visible()
    expect_cards(page, "Not Started", "Mend it")


def test_what_is_written_while_a_text_is_saved_stays(people: People, sdk: Kanban, own: Board, ticket: Ticket) -> None:
    other = sdk.tickets.create("Other", board=own.id)
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    text = panel(page).get_by_label("Description", exact=True)
    waiting = hold(page, "**/api/tickets/*", "PATCH")
    panel(page).get_by_role("button", name="Edit the description").click()
    text.fill("First.")
    text.press("Control+Enter")
    text.fill("First. Second.")
    let_go(page, waiting)
    until(lambda: sdk.tickets.get(ticket.id).description == "First.", what="the first text")
    expect(panel(page)).to_contain_text("ada changed this: description")  # its event is here
    expect(text).to_have_value("First. Second.")
    expect(text).to_be_focused()
    expect(panel(page).locator(".conflict")).to_be_hidden()

    text.press("Control+Enter")
    until_held(page, waiting)
    text.fill("First. Second. Third.")
    page.evaluate("void (Storage.prototype.setItem = () => { throw new Error('full') })")
    text.fill("First. Second. Third. Fourth.")
    card(page, "Other").click()
    expect(panel(page).get_by_role("heading", name="Other")).to_be_visible()
    let_go(page, waiting)
    until(lambda: sdk.tickets.get(ticket.id).description == "First. Second.", what="the second text")
    card(page, "Fix it").click()
    expect(text).to_have_value("First. Second. Third. Fourth.")
    text.press("Control+Enter")
    let_go(page, waiting)
    expect(text).to_be_hidden()
    assert sdk.tickets.get(ticket.id).description == "First. Second. Third. Fourth."
    assert sdk.tickets.get(other.id).version == 1


def test_what_is_insisted_on_is_done_to_the_ticket_that_was_refused(
    people: People, sdk: Kanban, own: Board, ticket: Ticket, site: Server
) -> None:
    other = sdk.tickets.create("Other", board=own.id)
    with site.kanban("bob") as bob:
        bob.tickets.claim(ticket.id)
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    panel(page).get_by_role("button", name="Edit the title").click()
    panel(page).get_by_label("Title", exact=True).fill("Mend it")
    page.keyboard.press("Enter")
    panel(page).get_by_label("Priority").select_option("critical")
    panel(page).get_by_label("Add an address or a commit").fill("https://example.com/1")
    panel(page).get_by_label("Add an address or a commit").press("Enter")
    insist = note(page).get_by_role("button", name="Do it anyway")
    expect(insist).to_have_count(3)
    expect(note(page)).to_contain_text("Not saved: bob holds it, for another 29 min.")
    expect(panel(page).get_by_label("Priority")).to_have_value("medium")
    card(page, "Other").click()
    expect(panel(page).get_by_role("heading", name="Other")).to_be_visible()
    for _ in range(3):
        insist.first.click()

    def facts() -> tuple[object, ...]:
        now = sdk.tickets.get(ticket.id)
        return now.title, now.priority, len(now.links)

    until(lambda: facts() == ("Mend it", "critical", 1), what="what was insisted on")
    assert sdk.tickets.get(other.id).version == 1
    card(page, "Mend it").click()
    expect(panel(page).get_by_role("heading", name="Mend it")).to_be_visible()  # and no editor is left open
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft'))") == []


def test_comments_are_written_as_markdown_and_their_authors_may_change_them(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    text = panel(page).get_by_label("Write a comment")
    text.fill("It is *here*, @grace")
    text.press("Control+Enter")
    mine = panel(page).get_by_role("article", name="Comment of ada")
    expect(mine.locator("em")).to_have_text("here")
    expect(mine.locator(".mention")).to_have_text("@grace")
    expect(text).to_have_value("")
    theirs = sdk.comments.add(ticket.id, "I see.")
    expect(panel(page).get_by_role("article", name="Comment of grace")).to_contain_text("I see.")
    expect(panel(page).get_by_role("article", name="Comment of grace").get_by_role("button")).to_have_count(0)
    mine.get_by_role("button", name="Edit your comment").click()
    mine.get_by_role("textbox", name="Your comment").fill("It is there.")
    sdk.comments.add(ticket.id, "And then?")
    expect(panel(page)).to_contain_text("And then?")
    expect(mine.get_by_role("textbox", name="Your comment")).to_be_focused()
    mine.get_by_role("button", name="Save").click()
    expect(mine).to_contain_text("edited")
    expect(mine).to_contain_text("It is there.")
    sdk.comments.edit(theirs.id, "I saw.")
    expect(panel(page)).to_contain_text("I saw.")
    mine.get_by_role("button", name="Delete your comment").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(mine).to_have_count(0)
    assert [comment.text for comment in sdk.comments.all(ticket.id)] == ["I saw.", "And then?"]


def test_a_ticket_is_claimed_released_and_its_story_told(
    people: People, sdk: Kanban, own: Board, ticket: Ticket, site: Server
) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    panel(page).get_by_role("button", name="Claim").click()
    expect(panel(page)).to_contain_text("You hold this")
    expect(panel(page)).to_contain_text("29 min left")
    panel(page).get_by_role("button", name="Release").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("half done")
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(panel(page)).to_contain_text("Nobody works on this")
    with site.kanban("bob") as bob:
        bob.tickets.claim(ticket.id)
        bob.tickets.edit(ticket.id, priority="high", title="Mend it")
    panel(page).get_by_role("button", name="Take over").click()
    expect(panel(page)).to_contain_text("You hold this")
    story = panel(page).locator(".activity-line p")
    sentences = [
        *("grace created this", "ada moved this from Not Started to In Progress", "ada claimed this"),
        *("ada moved this from In Progress to Not Started", "ada released this: half done"),
        *("bob moved this from Not Started to In Progress", "bob claimed this"),
        *("bob changed this: title to Mend it and priority to high", "bob was relieved of this", "ada claimed this"),
    ]
    expect(story).to_contain_text(sentences)


def test_a_deleted_ticket_comes_back(people: People, sdk: Kanban, own: Board, ticket: Ticket) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    panel(page).get_by_role("button", name="Delete the ticket").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel(page)).to_be_hidden()
    expect(card(page, "Fix it")).to_have_count(0)
    note(page).get_by_role("button", name="Undo").click()
    expect_cards(page, "Not Started", "Fix it")
    page.goto(f"/board/{own.id}/ticket/{ticket.id}")
    expect(panel(page)).to_contain_text("ada restored this")
    sdk.tickets.delete(ticket.id)
    expect(panel(page)).to_contain_text("This ticket was deleted")
    expect(panel(page)).to_contain_text("grace deleted this")
    panel(page).get_by_role("button", name="Restore it").click()
    expect(panel(page).get_by_label("Write a comment")).to_be_visible()
    expect(panel(page).get_by_role("heading", name="Fix it")).to_be_visible()
    expect_cards(page, "Not Started", "Fix it")
