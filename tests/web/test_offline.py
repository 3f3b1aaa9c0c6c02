"""Without a connection: it shows within seconds, nothing that is done meanwhile is lost, and it arrives in order."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until
from tests.web.looks import column, expect_cards, note

CONNECTION_STATE = ".connection-word"


def state(page: Page, name: str) -> None:
    expect(page.locator("connection-state")).to_have_attribute("data-state", name)


def add(page: Page, *titles: str) -> None:
    """Add tickets to the first column, one after another."""
    form = page.get_by_label("Title of the new ticket")
    if not form.is_visible():
        page.locator("board-column").first.get_by_role("button", name="Add a ticket").click()
    for title in titles:
        form.fill(title)
        form.press("Enter")


def test_what_is_done_offline_waits_shows_outlives_a_reload_and_arrives_in_order(
    people: People, sdk: Kanban, own: Board
) -> None:
    people.outages = True
    moved = sdk.tickets.create("moved", board=own.id)
    page = people.open(f"/board/{own.id}/ticket/{moved.id}", service_workers="allow")
    state(page, "connected")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.reload()  # the worker keeps the page from here on
    state(page, "connected")
    expect(page.get_by_label("Write a comment")).to_be_visible()
    # While it loads, a page may send before the browser takes it offline again
    page.route("**/api/**", lambda route: route.continue_() if route.request.method == "GET" else route.abort())
    page.context.set_offline(True)
    began = time.monotonic()
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline")
    assert time.monotonic() - began < 3
    add(page, "first", "second")
    expect(page.locator(".card.pending")).to_contain_text(["first", "second"])
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 2 changes waiting")
    page.get_by_label("Write a comment").fill("Said offline")
    page.get_by_label("Write a comment").press("Control+Enter")
    expect(page.get_by_role("article", name="Your comment")).to_contain_text("waits for a connection")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="moved").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect_cards(page, "In Progress", "moved")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 4 changes waiting")

    page.reload()
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 4 changes waiting")
    expect_cards(page, "Not Started", "first", "second")
    expect_cards(page, "In Progress", "moved")
    assert sdk.boards.get(own.id).ticket_count == 1
    page.unroute("**/api/**")
    page.context.set_offline(False)
    state(page, "connected")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Live")
    until(lambda: sdk.tickets.get(moved.id).current_column == "In Progress", what="the move")
    assert [one.text for one in sdk.comments.all(moved.id)] == ["Said offline"]
    titles = [one.title for one in sdk.boards.tickets(own.id).tickets if one.id != moved.id]
    assert titles == ["first", "second"]
    expect(page.locator(".card.pending")).to_have_count(0)
    expect_cards(page, "Not Started", "first", "second")


def test_what_is_refused_after_the_wait_comes_back_with_its_text(people: People, sdk: Kanban, own: Board) -> None:
    people.outages = True
    sdk.boards.edit_column(own.id, own.column_settings[0].id, limit=1)
    page = people.open(f"/board/{own.id}")
    state(page, "connected")
    page.context.set_offline(True)
    add(page, "fits", "does not")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 2 changes waiting")
    page.context.set_offline(False)
    expect(note(page)).to_contain_text("Not added: Not Started holds 1 of at most 1 tickets.")
    expect(page.get_by_label("Title of the new ticket")).to_have_value("does not")
    expect_cards(page, "Not Started", "fits")

    page.context.set_offline(True)
    add(page, "after a reload")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 1 change waiting")
    page.route("**/api/tickets", lambda route: route.abort())
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(CONNECTION_STATE)).to_have_text("Live · 1 change waiting")
    page.unroute("**/api/tickets")
    expect(note(page)).to_contain_text("“after a reload” is not sent: Not Started holds 1 of at most 1 tickets.")


def test_a_failed_request_shows_within_3_seconds_and_silence_within_10(own_people: People, own_site: Server) -> None:
    with own_site.kanban("grace") as sdk:
        board = sdk.boards.create("B").id
        sdk.tickets.create("one", board=board)
    page = own_people.open("/")
    page.add_init_script("""
        window.silent = false;
        window.WebSocket = class extends WebSocket {
            set onmessage(listen) { super.onmessage = (event) => silent || listen(event); }
        };
    """)
    page.goto(f"/board/{board}")
    state(page, "connected")
    page.evaluate("window.silent = true")
    began = time.monotonic()
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline")
    assert time.monotonic() - began < 10
    page.evaluate("window.silent = false; dispatchEvent(new Event('online'))")
    state(page, "connected")

    page.evaluate("window.silent = true")
    page.route("**/move", lambda route: route.abort())
    began = time.monotonic()
    page.get_by_role("link", name="one").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Offline · 1 change waiting")
    assert time.monotonic() - began < 3


def test_where_no_websocket_comes_through_the_page_says_so_and_follows_over_http(
    people: People, sdk: Kanban, own: Board
) -> None:
    people.outages = True
    page = people.open("/")
    page.add_init_script("""
        window.WebSocket = class {
            static OPEN = 1;
            readyState = 0;
            constructor() { setTimeout(() => this.onclose({ code: 1006 })); }
            close() {}
            send() {}
        };
    """)
    page.goto(f"/board/{own.id}")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Live without WebSocket")
    expect(column(page, "Not Started")).to_be_visible()
    ticket = sdk.tickets.create("over http", board=own.id)
    expect_cards(page, "Not Started", "over http")
    sdk.tickets.move(ticket.id, "Done")
    expect_cards(page, "Done", "over http")
    page.goto("/")
    expect(page.locator(CONNECTION_STATE)).to_have_text("Live without WebSocket")
