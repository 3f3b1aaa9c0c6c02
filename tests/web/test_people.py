"""Who one is, who else is here, and that boards do not mix."""

from __future__ import annotations

import random
import re

import httpx
from playwright.sync_api import expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.waiting import until
from tests.web.looks import card, column, expect_cards, lift, note


def test_a_name_is_changed_with_a_view_of_how_it_reads_and_the_stream_goes_on(
    people: People, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("one", board=own.id)
    page = people.open(f"/board/{own.id}", "Ada Lovelace")
    expect_cards(page, "Not Started", "one")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="You are Ada Lovelace").click()
    page.get_by_role("button", name="Change name").click()
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_role("textbox")
    expect(name).to_have_value("Ada Lovelace")
    for wrong, why in (("  ", "at least one"), ("x" * 31, "at most 30"), ("system", "own word")):
        name.fill(wrong)
        expect(dialog.get_by_role("alert")).to_contain_text(why)
    name.fill("  Grace Hopper ")
    expect(dialog.get_by_role("group")).to_contain_text("Grace Hopper moved #12")
    dialog.get_by_role("button", name="Save").click()
    button = page.get_by_role("button", name="You are Grace Hopper")
    expect(button.locator(".avatar")).to_have_attribute("data-initials", "GH")
    until(
        lambda: [user.username for user in sdk.boards.presence(own.id).users] == ["Grace Hopper"], what="the new name"
    )
    page.get_by_role("link", name="one").focus()
    page.keyboard.press("Shift+ArrowRight")
    until(lambda: sdk.tickets.get(ticket.id).updated_by == "Grace Hopper", what="the move")
    assert page.evaluate("[window.same, localStorage.username]") == [True, "Grace Hopper"]


def test_somebody_new_gets_a_name(people: People, own: Board) -> None:
    page = people.open(f"/board/{own.id}", "  ")
    expect(page.get_by_role("button", name=re.compile(r"You are User\d{4}"))).to_be_visible()
    kept = page.evaluate("localStorage.username")
    page.reload()
    expect(page.get_by_role("button", name=f"You are {kept}")).to_be_visible()


def test_one_sees_who_is_here_what_they_open_and_drag_and_where_they_point(
    people: People, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("one", board=own.id)
    ada, bob = people.open(f"/board/{own.id}", "ada"), people.open(f"/board/{own.id}", "bob")
    here = ada.locator("presence-list").get_by_role("button")
    expect(here).to_have_accessible_name("1 other here")
    card(bob, "one").click()
    expect(card(ada, "one").get_by_role("img", name="bob looks at this")).to_be_visible()
    bob.keyboard.press("Escape")
    expect(card(ada, "one").locator(".viewers")).to_have_count(0)
    lift(bob, "one")
    expect(card(ada, "one").get_by_role("img", name="bob moves this")).to_be_visible()
    pointer = ada.locator(".pointer", has_text="bob")
    expect(pointer).to_be_visible()
    here.click()
    expect(ada.get_by_role("group", name="Who is here")).to_contain_text(f"in a browser · moves #{ticket.id}")
    ada.keyboard.press("Escape")
    bob.mouse.up()
    box = column(bob, "Done").bounding_box()
    assert box is not None
    bob.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(lambda: _inside(pointer.bounding_box(), column(ada, "Done").bounding_box()), what="the pointer")

    ada.get_by_role("button", name="You are ada").click()
    ada.get_by_label("Pointers of others").uncheck()
    expect(pointer).to_have_count(0)
    bob.context.close()
    expect(here).to_be_hidden()


def test_a_notice_is_shown_to_whoever_is_connected(people: People, rest: httpx.Client, own: Board) -> None:
    page = people.open(f"/board/{own.id}")
    expect(page.locator("connection-state")).to_have_attribute("data-state", "connected")
    response = rest.post("/api/notices", json={"text": "Back <b>soon</b>"}, headers={"X-Kanban-User": "root"})
    assert response.is_success, response.text
    expect(note(page)).to_contain_text("root: Back <b>soon</b>")


def test_two_boards_never_mix(people: People, sdk: Kanban, own: Board) -> None:
    other = sdk.boards.create("the other board")
    boards = (own, other)
    ids = {board.id: [sdk.tickets.create(f"ticket of {board.id}", board=board.id).id] for board in boards}
    pages = {board.id: people.open(f"/board/{board.id}", f"user of {board.id}") for board in boards}
    for board in boards:
        expect_cards(pages[board.id], "Not Started", f"ticket of {board.id}")
        pages[board.id].keyboard.press("g")
        pages[board.id].keyboard.press("a")
    dice = random.Random(4)
    for n in range(100):
        board = dice.choice(boards)
        if n % 3 == 0:
            ids[board.id].append(sdk.tickets.create(f"ticket of {board.id}", board=board.id).id)
        else:
            sdk.tickets.move(dice.choice(ids[board.id]), dice.choice(board.columns))
    for board, stranger in ((own, other), (other, own)):
        page = pages[board.id]
        expect(page.locator(".card")).to_have_count(len(ids[board.id]))
        expect(page.locator("body")).to_contain_text(f"ticket of {board.id}")
        expect(page.locator("body")).not_to_contain_text(f"of {stranger.id} ")
        expect(page.locator("presence-list").get_by_role("button")).to_be_hidden()
        expect(page.locator(".card-link")).to_contain_text([f"ticket of {board.id}"] * len(ids[board.id]))
        messages = people.messages(page)
        assert sum(message["event"].startswith("ticket_") for message in messages) > 20
        assert {message.get("board_id", board.id) for message in messages} <= {board.id, None}


def _inside(inner: object, outer: object) -> bool:
    assert isinstance(outer, dict)
    if not isinstance(inner, dict):
        return False
    return bool(outer["x"] <= inner["x"] <= outer["x"] + outer["width"])
