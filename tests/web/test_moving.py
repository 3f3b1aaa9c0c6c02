"""Cards go where people put them, by mouse, finger and keys; what the server refuses goes back, and says why."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

from playwright.sync_api import expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People
from tests.support.servers import Server, clean_environment
from tests.support.waiting import until
from tests.web.looks import card, carry, column, expect_cards, hold, let_go, lift, note, until_held


def test_a_card_goes_by_mouse_and_by_keys_and_the_log_has_the_same(people: People, sdk: Kanban, own: Board) -> None:
    one, two, three = (sdk.tickets.create(title, board=own.id).id for title in ("one", "two", "three"))
    page = people.open(f"/board/{own.id}")
    expect_cards(page, "Not Started", "one", "two", "three")
    lift(page, "one")
    carry(page, column(page, "In Progress"))
    expect_cards(page, "In Progress", "one")
    page.mouse.up()
    until(lambda: sdk.tickets.get(one).current_column == "In Progress", what="the move")

    page.get_by_role("link", name="three").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect_cards(page, "Not Started", "three", "two")
    page.keyboard.press("Shift+ArrowRight")
    until(lambda: sdk.tickets.get(three).current_column == "In Progress", what="the move by keys")
    expect_cards(page, "In Progress", "three", "one")
    expect(page.get_by_role("link", name="three")).to_be_focused()
    expect(page.locator("[role=status].unseen")).to_have_text(f"Dropped #{three}. In Progress, 1 of 2.")
    lift(page, "two")
    carry(page, column(page, "Done"))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect_cards(page, "Not Started", "two")
    assert sdk.tickets.get(two).version == 1


def test_moves_of_one_ticket_arrive_in_the_order_in_which_they_were_made(
    people: People, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("one", board=own.id)
    page = people.open(f"/board/{own.id}")
    waiting = hold(page, "**/move", "POST")
    page.get_by_role("link", name="one").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect_cards(page, "In Progress", "one")
    page.keyboard.press("Shift+ArrowRight")
    expect_cards(page, "Blocked", "one")
    until_held(page, waiting)
    assert len(waiting) == 1
    let_go(page, waiting)
    let_go(page, waiting)
    until(lambda: sdk.tickets.get(ticket.id).current_column == "Blocked", what="the moves")
    assert [one.new_value for one in sdk.tickets.history(ticket.id) if one.field_name == "current_column"] == [
        "Blocked", "In Progress",
    ]  # fmt: skip
    expect_cards(page, "Blocked", "one")


def test_a_finger_holds_a_card_for_a_moment_and_takes_it_along(people: People, sdk: Kanban, own: Board) -> None:
    for title in ("one", "two", "three"):
        sdk.tickets.create(title, board=own.id)
    page = people.open(f"/board/{own.id}", size=NARROW, has_touch=True)
    box, below = card(page, "one").bounding_box(), card(page, "three").bounding_box()
    assert box is not None
    assert below is not None
    session = page.context.new_cdp_session(page)

    def touch(kind: str, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": box["x"] + 40, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", box["y"] + 30)
    expect(page.locator(".ghost")).to_be_visible()
    touch("touchMove", below["y"] + 20)
    touch("touchMove", below["y"] + below["height"])
    expect_cards(page, "Not Started", "two", "three", "one")
    touch("touchEnd", 0)
    until(lambda: [one.title for one in sdk.boards.tickets(own.id).tickets] == ["two", "three", "one"], what="the move")


def test_a_refused_move_goes_back_says_why_and_can_be_insisted_on(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    doing = next(one for one in own.column_settings if one.name == "In Progress")
    sdk.boards.edit_column(own.id, doing.id, limit=1)
    sdk.tickets.create("there", board=own.id, column="In Progress")
    full, held = (sdk.tickets.create(title, board=own.id).id for title in ("full", "held"))
    with site.kanban("bob") as bob:
        bob.boards.edit_column(own.id, doing.id, limit=2)
        bob.tickets.claim(held, lease_seconds=600)
        bob.boards.edit_column(own.id, doing.id, limit=1)
    page = people.open(f"/board/{own.id}")
    lift(page, "full")
    carry(page, column(page, "In Progress"))
    page.mouse.up()
    expect(note(page)).to_contain_text("In Progress holds 2 of at most 1 tickets.")
    expect_cards(page, "Not Started", "full")
    note(page).get_by_role("button", name="Move anyway").click()
    until(lambda: sdk.tickets.get(full).current_column == "In Progress", what="the forced move")

    page.get_by_role("link", name="held").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(note(page)).to_contain_text("bob holds it, for another 9 min")
    expect(card(page, "held")).to_contain_text("9 min")
    note(page).get_by_role("button", name="Move anyway").click()
    expect_cards(page, "Blocked", "held")


def test_what_others_do_moves_nothing_that_is_held(people: People, sdk: Kanban, own: Board) -> None:
    held, other, gone = (sdk.tickets.create(title, board=own.id).id for title in ("held", "other", "gone"))
    page = people.open(f"/board/{own.id}")
    lift(page, "held")
    carry(page, column(page, "Done"))
    for title in ("new", "newer"):
        sdk.tickets.create(title, board=own.id, column="Done")
    sdk.tickets.move(held, "Blocked")
    sdk.tickets.move(other, "Done", place="top")
    expect_cards(page, "Done", "held", "other", "new", "newer")
    page.mouse.up()
    until(lambda: sdk.tickets.get(held).current_column == "Done", what="the move")
    lift(page, "gone")
    sdk.tickets.delete(gone)
    expect(note(page)).to_contain_text(f"#{gone} was deleted while you held it.")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()


def test_a_move_is_seen_by_everybody_at_once_with_the_name_of_who_made_it(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    ticket = sdk.tickets.create("shared", board=own.id)
    ada, bob = people.open(f"/board/{own.id}", "ada"), people.open(f"/board/{own.id}", "bob")
    shell = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kanban_cli",
            "watch",
            "-b",
            str(own.id),
            "--json",
            "--after",
            "0",
            "--count",
            "1",
            "--event",
            "ticket_moved",
        ],
        env=clean_environment(KANBAN_URL=site.url),
        stdout=subprocess.PIPE,
        text=True,
    )
    expect_cards(bob, "Not Started", "shared")
    bob.keyboard.press("g")
    bob.keyboard.press("a")
    expect(bob.get_by_role("complementary", name="Activity")).to_contain_text("grace created")
    bob.evaluate("""() => new MutationObserver(() => {
        const last = document.querySelector('.activity li')?.textContent ?? '';
        if (last.startsWith('ada moved') && last !== window.last) [window.last, window.seen] = [last, Date.now()];
    }).observe(document.body, {childList: true, subtree: true})""")
    ada.evaluate("addEventListener('keydown', () => { window.pressed = Date.now(); }, true)")
    ada.get_by_role("link", name="shared").focus()
    times = []
    for _, after in pairwise(("Not Started", "In Progress", "Blocked", "Ready for QC")):
        ada.keyboard.press("Shift+ArrowRight")
        expect_cards(bob, after, "shared")
        activity = bob.get_by_role("complementary", name="Activity")
        expect(activity).to_contain_text(f"ada moved #{ticket.id} shared from Not Started to {after}")
        times.append(bob.evaluate("seen") - ada.evaluate("pressed"))
    assert min(times) < 200
    assert shell.stdout is not None
    with shell:
        assert '"actor":"ada"' in shell.stdout.readline()


def test_one_key_adds_tickets_and_a_full_column_says_so(people: People, sdk: Kanban, own: Board) -> None:
    first = own.column_settings[0]
    sdk.boards.edit_column(own.id, first.id, limit=2)
    page = people.open(f"/board/{own.id}")
    expect(column(page, "Not Started")).to_be_visible()
    page.keyboard.press("n")
    for title in ("first", "second", "third"):
        page.keyboard.type(title)
        page.keyboard.press("Enter")
    expect(note(page)).to_contain_text("Not added: Not Started holds 2 of at most 2 tickets.")
    form = page.get_by_label("Title of the new ticket")
    expect(form).to_have_value("third")
    expect_cards(page, "Not Started", "first", "second")
    waiting = hold(page, "**/api/tickets", "POST")
    form.press("Enter")
    form.fill("fourth")
    until_held(page, waiting)
    form.press("Escape")
    let_go(page, waiting)
    expect(note(page).get_by_role("button", name="Add anyway")).to_have_count(2)
    page.unroute("**/api/tickets")
    column(page, "Not Started").get_by_role("button", name="Add a ticket").click()
    expect(form).to_have_value("third\nfourth")
    note(page).get_by_role("button", name="Add anyway").last.click()
    expect_cards(page, "Not Started", "first", "second", "third")
    expect(form).to_have_value("fourth")
    assert {ticket.created_by for ticket in sdk.boards.tickets(own.id).tickets} == {"ada"}
