"""Changes of one ticket and of many: undone, selected, from menus and by keys; columns changed on the board itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until
from tests.web.looks import card, carry, column, expect_cards, lift, note

pytestmark = pytest.mark.slow


def focus(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).focus()


def test_moves_edits_and_deletions_are_undone_unless_somebody_was_there_since(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    one, two = (sdk.tickets.create(title, board=own.id).id for title in ("one", "two"))
    page = people.open(f"/board/{own.id}")
    focus(page, "one")
    page.keyboard.press("Shift+ArrowRight")
    expect(note(page)).to_contain_text(f"Moved #{one} to In Progress.")
    note(page).get_by_role("button", name="Undo").click()
    expect_cards(page, "Not Started", "one", "two")
    until(lambda: sdk.tickets.get(one).current_column == "Not Started", what="the undo")
    focus(page, "one")
    page.keyboard.press("p")
    page.get_by_role("option", name="critical").click()
    until(lambda: sdk.tickets.get(one).priority == "critical", what="the priority")
    focus(page, "two")
    page.keyboard.press("Shift+ArrowRight")
    expect(note(page)).to_contain_text(f"Moved #{two} to In Progress.")
    page.keyboard.press("Control+z")
    expect_cards(page, "Not Started", "one", "two")
    page.keyboard.press("Control+z")
    until(lambda: sdk.tickets.get(one).priority == "medium", what="the second undo")
    page.keyboard.press("Control+z")
    expect(note(page)).to_contain_text("There is nothing to undo.")

    focus(page, "two")
    page.keyboard.press("Shift+ArrowRight")
    expect(note(page)).to_contain_text(f"Moved #{two} to In Progress.")
    sdk.tickets.edit(two, priority="high")
    expect(card(page, "two").get_by_role("img", name="priority high")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(note(page)).to_contain_text(
        f"Not undone (Moved #{two} to In Progress): grace has changed its priority since."
    )
    assert sdk.tickets.get(two).current_column == "In Progress"

    focus(page, "one")
    page.keyboard.press("p")
    page.get_by_role("option", name="low").click()
    expect(note(page)).to_contain_text(f"Set #{one} to low.")
    with site.kanban("bob") as bob:
        bob.tickets.claim(one)
    expect(card(page, "one").get_by_role("img", name="Held by bob")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(note(page)).to_contain_text("Not undone")
    assert sdk.tickets.get(one).priority == "low"


def test_many_tickets_are_selected_and_changed_in_one_transaction(people: People, sdk: Kanban, own: Board) -> None:
    ids = [sdk.tickets.create(title, board=own.id).id for title in ("one", "two", "three", "four")]
    page = people.open(f"/board/{own.id}")
    focus(page, "one")
    page.keyboard.press("x")
    card(page, "three").click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar", name="Selected tickets")
    expect(bar).to_contain_text("3 selected")
    bar.get_by_role("button", name="Label").click()
    page.get_by_role("combobox", name="Label 3 tickets").fill("urgent")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    bar.get_by_role("button", name="Assign").click()
    page.get_by_role("combobox").fill("bo b")
    page.keyboard.press("Enter")
    bar.get_by_role("button", name="Move").click()
    page.get_by_role("option", name="Blocked").click()
    expect_cards(page, "Blocked", "one", "two", "three")

    def facts() -> list[tuple[object, ...]]:
        return [(one.current_column, one.assignee, one.labels) for one in map(sdk.tickets.get, ids)]

    until(lambda: facts()[:3] == [("Blocked", "bo b", ["urgent"])] * 3, what="the changes")
    assert facts()[3] == ("Not Started", None, [])
    log = sdk.boards.events(own.id).events
    assert len({event.tx for event in log if event.event == "ticket_moved"}) == 1
    page.keyboard.press("Control+z")
    expect_cards(page, "Not Started", "one", "two", "three", "four")

    lift(page, "two")
    carry(page, column(page, "Done"))
    page.mouse.up()
    expect_cards(page, "Done", "one", "two", "three")
    bar.get_by_role("button", name="Delete").click()
    expect_cards(page, "Not Started", "four")
    expect(bar).to_be_hidden()
    note(page).get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(4)

    sdk.boards.edit_column(own.id, own.column_settings[1].id, limit=1)
    for title in ("one", "two"):
        focus(page, title)
        page.keyboard.press("x")
    page.keyboard.press("m")
    page.get_by_role("option", name="In Progress").click()
    expect(note(page)).to_contain_text("Nothing is changed: In Progress holds 1 of at most 1 tickets.")
    assert sdk.boards.get(own.id).counts["In Progress"] == 0
    note(page).get_by_role("button", name="Do it anyway").click()
    expect_cards(page, "In Progress", "one", "two")


def test_menus_keys_and_the_palette_lead_to_every_change(people: People, sdk: Kanban, own: Board) -> None:
    one, two = (sdk.tickets.create(title, board=own.id).id for title in ("one", "two"))
    page = people.open(f"/board/{own.id}")
    card(page, "one").click(button="right")
    menu = page.get_by_role("group", name=f"#{one}")
    menu.get_by_role("button", name="To the bottom").click()
    expect_cards(page, "Not Started", "two", "one")
    card(page, "one").click(button="right")
    menu.get_by_role("button", name="Label").click()
    page.get_by_role("combobox").fill("api")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(card(page, "one")).to_contain_text("api")
    focus(page, "one")
    page.keyboard.press("w")
    until(lambda: sdk.tickets.get(one).claim is not None, what="the claim")
    expect_cards(page, "In Progress", "one")
    focus(page, "one")
    page.keyboard.press("w")
    until(lambda: sdk.tickets.get(one).claim is None, what="the release")
    focus(page, "one")
    page.keyboard.press("a")
    page.keyboard.type("ad")
    page.keyboard.press("Enter")
    until(lambda: sdk.tickets.get(one).assignee == "ada", what="the assignee")
    focus(page, "one")
    page.keyboard.press("r")
    expect(page.get_by_label("Write a comment")).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article", name="Comment of ada")).to_be_visible()
    page.locator(".panel-id").click()
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(rf"/ticket/{two}$"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(rf"/ticket/{one}$"))

    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Commands")
    palette.get_by_role("combobox").fill(f"#{two}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/ticket/{two}$"))
    page.keyboard.press("Control+k")
    palette.get_by_role("combobox").fill("statist")
    expect(palette).to_contain_text("Nothing matches.")
    palette.get_by_role("combobox").fill("figures")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/figures$"))
    page.keyboard.press("Control+k")
    palette.get_by_role("combobox").fill(own.name)
    expect(palette.get_by_role("option", name=own.name).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/board/{own.id}$"))


def test_columns_are_renamed_limited_moved_added_folded_and_archived_on_the_board(
    people: People, sdk: Kanban, own: Board
) -> None:
    sdk.tickets.create("finished", board=own.id, column="Done")
    page = people.open(f"/board/{own.id}")

    def choose(name: str, what: str) -> None:
        column(page, name).get_by_role("button", name=f"More about {name}").click()
        page.get_by_role("group", name="Column").get_by_role("button", name=what, exact=True).click()

    choose("Blocked", "Rename")
    page.get_by_label("Name of the column").fill("Waiting for others")
    page.keyboard.press("Enter")
    expect(column(page, "Waiting for others")).to_be_visible()
    choose("In Progress", "Limit and meaning")
    page.get_by_label("The most tickets it may hold").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(column(page, "In Progress").locator(".count")).to_have_text("0 / 2")
    choose("Waiting for others", "Move left")
    until(lambda: sdk.boards.get(own.id).columns[1] == "Waiting for others", what="the order")
    choose("Waiting for others", "Add a column to the right")
    page.get_by_role("dialog").get_by_label("Name").fill("Checked")
    page.get_by_role("button", name="Add", exact=True).click()
    names = ["Not Started", "Waiting for others", "Checked", "In Progress", "Ready for QC", "Done"]
    expect(page.locator("board-column h2")).to_have_text(names)
    choose("Checked", "Fold")
    folded = page.locator("board-column.folded")
    box = folded.bounding_box()
    assert box is not None
    assert box["width"] < 50
    page.reload()
    folded.click()
    expect(folded).to_have_count(0)
    choose("Done", "Archive all done")
    expect(page.locator(".card")).to_have_count(0)
    note(page).get_by_role("button", name="Open the archive").click()
    page.get_by_role("button", name="Restore #").click()
    expect(page.get_by_text("Nothing is archived.")).to_be_visible()
    assert sdk.boards.get(own.id).ticket_count == 1


def test_the_trash_has_what_was_deleted_and_gives_it_back(people: People, sdk: Kanban, own: Board) -> None:
    gone, back, kept = (sdk.tickets.create(title, board=own.id).id for title in ("gone", "back", "kept"))
    for ticket in (gone, back):
        sdk.tickets.delete(ticket)
    sdk.tickets.restore(back)
    page = people.open(f"/board/{own.id}/archive")
    expect(page.get_by_role("link", name=f"#{gone} gone")).to_be_visible()
    expect(page.get_by_role("button", name="Restore #")).to_have_count(1)
    page.get_by_role("button", name=f"Restore #{gone}").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    assert {one.id for one in sdk.boards.tickets(own.id).tickets} == {gone, back, kept}


def test_a_list_is_sorted_and_grouped_views_are_kept_and_boards_starred(
    people: People, sdk: Kanban, own: Board
) -> None:
    sdk.tickets.create("beta", board=own.id, priority="low", assignee="bob")
    sdk.tickets.create("alpha", board=own.id, priority="critical", labels=["api"])
    sdk.tickets.create("gamma", board=own.id, column="Done", labels=["api"], due_date="2031-01-01")
    page = people.open(f"/board/{own.id}")
    page.get_by_role("button", name="List", exact=True).click()
    titles = page.locator(".list-title a")
    expect(titles).to_have_text(["beta", "alpha", "gamma"])
    page.get_by_role("button", name="Title").click()
    expect(titles).to_have_text(["alpha", "beta", "gamma"])
    page.get_by_role("button", name="Title").click()
    expect(titles).to_have_text(["gamma", "beta", "alpha"])
    page.get_by_role("button", name="Priority", exact=True).last.click()
    expect(titles).to_have_text(["alpha", "gamma", "beta"])
    page.get_by_label("Group by").select_option("assignee")
    expect(page.locator(".list-group")).to_have_count(2)
    page.get_by_label("Select #").first.check()
    expect(page.get_by_role("toolbar", name="Selected tickets")).to_contain_text("1 selected")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Keep this view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("By person")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto(f"/board/{own.id}")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="By person", exact=True).click()
    expect(page).to_have_url(re.compile(r"view=list&sort=priority&group=assignee$"))
    sdk.tickets.create("delta", board=own.id)
    expect(titles.filter(has_text="delta")).to_be_visible()
    page.get_by_role("button", name="Star this board").click()
    page.goto("/")
    expect(page.locator(".tile h2").first).to_have_text(own.name)


def test_what_happens_while_a_card_is_carried_is_told_and_counted(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    held = sdk.tickets.create("held", board=own.id)
    sdk.tickets.create("other", board=own.id)
    page = people.open(f"/board/{own.id}")
    lift(page, "held")
    carry(page, column(page, "Done"))
    expect(column(page, "Not Started").locator(".count")).to_have_text("1")
    expect(column(page, "Done").locator(".count")).to_have_text("1")
    with site.kanban("bob") as bob:
        bob.tickets.move(held.id, "Blocked")
        bob.tickets.create("added after the move", board=own.id)
    expect(page.locator(".card").filter(has_text="added after the move")).to_be_visible()  # so the move is applied
    expect(column(page, "Blocked").locator(".count")).to_have_text("0")
    page.mouse.up()
    expect(note(page)).to_contain_text(f"bob moved #{held.id} to Blocked while you held it. It is in Done now.")

    page.get_by_role("button", name="Held", exact=True).click()
    column(page, "Not Started").get_by_role("button", name="Add a ticket").click()
    page.get_by_label("Title of the new ticket").fill("hidden by the filter")
    page.keyboard.press("Enter")
    expect(note(page)).to_contain_text("The filter hides it.")
    note(page).get_by_role("button", name="Show all").click()
    expect_cards(page, "Not Started", "other", "hidden by the filter")
