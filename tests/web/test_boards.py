"""The page of all boards."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.web.looks import lose_the_answer


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_role("heading", name=name, exact=True))


def choose(page: Page, name: str, what: str) -> None:
    """From the menu of a board's tile."""
    tile(page, name).get_by_role("button", name=f"More about {name}").click()
    page.get_by_role("button", name=what, exact=True).click()


def test_each_board_shows_its_columns_with_counts_and_who_is_there_as_they_change(
    people: People, own: Board, sdk: Kanban
) -> None:
    page = people.open("/", "ada")
    counts = tile(page, own.name).locator(".tile-count")
    expect(counts).to_have_text(["Not Started0", "In Progress0", "Blocked0", "Ready for QC0", "Done0"])
    ticket = sdk.tickets.create("one", board=own.id)
    expect(counts).to_have_text(["Not Started1", "In Progress0", "Blocked0", "Ready for QC0", "Done0"])
    sdk.boards.edit_column(own.id, own.column_settings[-1].id, name="Shipped", limit=1)
    sdk.tickets.move(ticket.id, "Shipped")
    expect(counts.last).to_have_text("Shipped1/1")
    expect(tile(page, own.name)).to_contain_text("1 ticket")

    people.open(f"/board/{own.id}", "bob")
    created = sdk.boards.create("Made elsewhere")
    expect(tile(page, "Made elsewhere")).to_be_visible()
    sdk.boards.edit(created.id, name="Renamed elsewhere", description="What it is for")
    expect(tile(page, "Renamed elsewhere")).to_contain_text("What it is for")
    expect(tile(page, own.name).get_by_role("img", name="bob")).to_be_visible()
    sdk.boards.delete(created.id)
    expect(tile(page, "Renamed elsewhere")).to_have_count(0)
    expect(tile(page, "Made elsewhere")).to_have_count(0)


def test_a_board_is_made_opened_and_deleted(people: People, sdk: Kanban) -> None:
    page = people.open("/", "ada")
    page.get_by_role("button", name="New board").click()
    dialog = page.get_by_role("dialog", name="New board")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_have_text("A board has a name.")
    dialog.get_by_label("Name", exact=True).fill("A new one")
    dialog.get_by_label("What it is for").fill("To try it")
    dialog.get_by_role("button", name="Remove the column").nth(2).click()
    expect(dialog.get_by_role("status")).to_have_text("Removed Blocked")
    dialog.get_by_label("The most tickets it may hold").nth(1).fill("4")
    lose_the_answer(page, "**/api/boards", "POST")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_have_text("Lost on the way.")
    dialog.get_by_role("button", name="Create").click()
    page.wait_for_url(re.compile(r"/board/\d+$"))
    expect(page.get_by_role("heading", name="A new one", level=1)).to_be_visible()
    created = sdk.boards.get(int(page.url.rpartition("/")[2]))
    assert (created.name, created.description) == ("A new one", "To try it")
    assert [board.name for board in sdk.boards.all()].count("A new one") == 1
    assert [(column.name, column.role, column.limit) for column in created.column_settings] == [
        ("Not Started", "todo", None), ("In Progress", "working", 4),
        ("Ready for QC", "waiting", None), ("Done", "done", None),
    ]  # fmt: skip

    sdk.tickets.create("one", board=created.id)
    page.go_back()
    choose(page, "A new one", "Delete")
    dialog = page.get_by_role("dialog", name="Delete A new one?")
    expect(dialog).to_contain_text("Its ticket goes with it")
    dialog.get_by_role("button", name="Cancel").click()
    assert sdk.boards.get(created.id)
    choose(page, "A new one", "Delete")
    dialog.get_by_role("button", name="Delete the board").click()
    expect(tile(page, "A new one")).to_have_count(0)
    assert created.id not in {board.id for board in sdk.boards.all()}


def test_a_boards_settings_change_its_name_and_columns(people: People, own: Board, sdk: Kanban) -> None:
    for column in ("Blocked", "Ready for QC", "Ready for QC"):
        sdk.tickets.create(f"in {column}", board=own.id, column=column)
    page = people.open(f"/board/{own.id}", "ada")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Board settings").click()
    dialog = page.get_by_role("dialog", name="Board settings")
    names, away = dialog.get_by_label("Name of the column"), dialog.get_by_role("button", name="Remove the column")
    dialog.get_by_label("Name", exact=True).fill("Another name")
    away.nth(3).click()
    away.nth(2).click()
    dialog.get_by_label("The ticket of Blocked goes to").select_option("In Progress")
    dialog.get_by_role("button", name="Add a column").click()
    page.keyboard.type("not started")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Two columns are called “not started”.")
    names.nth(0).fill("Done")  # and the last one gets the name that this one had: names may change places
    names.nth(3).fill("Not Started")
    names.nth(2).fill("Checked")
    dialog.get_by_label("The 2 tickets of Ready for QC go to").select_option("Checked")
    dialog.get_by_label("What it means").nth(2).select_option("In progress")
    dialog.get_by_role("button", name="Move up").nth(2).click()
    expect(dialog.get_by_role("button", name="Move up").nth(1)).to_be_focused()
    dialog.get_by_label("Tickets that one user may hold").fill("3")
    dialog.get_by_label("Who works on a ticket").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)

    changed = sdk.boards.get(own.id)
    assert (changed.name, changed.wip_per_user, changed.review) == ("Another name", 3, True)
    assert [(column.name, column.role) for column in changed.column_settings] == [
        ("Done", "todo"), ("Checked", "working"), ("In Progress", "working"), ("Not Started", "done"),
    ]  # fmt: skip
    assert changed.counts == {"Done": 0, "Checked": 2, "In Progress": 1, "Not Started": 0}
    assert changed.column_settings[0].id == own.column_settings[0].id
    expect(page.get_by_role("heading", name="Another name", level=1)).to_be_visible()


def test_settings_that_somebody_changed_meanwhile_are_not_written_over(people: People, own: Board, sdk: Kanban) -> None:
    page = people.open("/", "ada")
    choose(page, own.name, "Settings")
    dialog = page.get_by_role("dialog", name="Board settings")
    dialog.get_by_label("What it is for").fill("Mine")
    sdk.boards.edit(own.id, description="Theirs")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("description")
    assert sdk.boards.get(own.id).description == "Theirs"
    expect(dialog.get_by_label("What it is for")).to_have_value("Mine")

    page.keyboard.press("Escape")
    choose(page, own.name, "Settings")
    dialog.get_by_role("button", name="Move down").first.click()
    sdk.boards.set_columns(own.id, [*own.columns, "Theirs"])
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("grace changed this board meanwhile (columns, column settings)")
    assert sdk.boards.get(own.id).columns == [*own.columns, "Theirs"]


def test_a_second_board_of_one_name_is_made_and_said(people: People, sdk: Kanban) -> None:
    sdk.boards.create("Twice")
    page = people.open("/")
    page.get_by_role("button", name="New board").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("twice")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_text("There is more than one board 'twice'")).to_be_visible()
