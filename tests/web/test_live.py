"""The connection breaks and mends, the server dies and comes back: nothing is lost, and everybody sees it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until
from tests.web.looks import carry, column, expect_cards, hold, let_go, lift, until_held

SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(url) {
            super(url);
            window.sockets.push(this);
            this.addEventListener('message', ({ data }) => { this.last = JSON.parse(data); });
        }
    };
"""


def state(page: Page, name: str) -> None:
    expect(page.locator("connection-state")).to_have_attribute("data-state", name)


def test_the_server_dies_while_a_card_is_dragged_and_a_text_is_written_and_both_arrive(
    own_people: People, own_site: Server
) -> None:
    with own_site.kanban("grace") as sdk:
        board = sdk.boards.create("B")
        dragged, written = (sdk.tickets.create(title, board=board.id).id for title in ("dragged", "written"))
    page = own_people.open(f"/board/{board.id}")
    text = own_people.open(f"/board/{board.id}/ticket/{written}", "bob")
    text.get_by_role("button", name="Write a description").click()
    text.get_by_label("Description", exact=True).fill("Written before the end.")
    state(text, "connected")
    lift(page, "dragged")
    carry(page, column(page, "Done"))
    own_site.kill()
    state(page, "reconnecting")
    expect(page.locator("connection-state")).to_contain_text("in ")
    page.mouse.up()
    text.get_by_role("button", name="Save").click()
    expect_cards(page, "Done", "dragged")
    own_site.start()
    for one in (page, text):
        one.evaluate("dispatchEvent(new Event('online'))")
        state(one, "connected")
    with own_site.kanban("grace") as sdk:
        until(lambda: sdk.tickets.get(dragged).current_column == "Done", what="the move")
        until(lambda: sdk.tickets.get(written).description == "Written before the end.", what="the text")
        assert len([one for one in sdk.tickets.history(dragged) if one.field_name == "current_column"]) == 1
        sdk.tickets.create("after", board=board.id)
    for one in (page, text):
        expect_cards(one, "Not Started", "written", "after")


def test_after_a_break_the_stream_resumes_from_its_cursor_or_begins_anew_where_it_must(
    people: People, sdk: Kanban, own: Board
) -> None:
    sdk.tickets.create("one", board=own.id)
    page = people.open("/")
    page.add_init_script(SOCKETS)
    page.goto(f"/board/{own.id}")
    state(page, "connected")
    expect_cards(page, "Not Started", "one")
    for n, title in enumerate(("two", "three")):
        page.evaluate("sockets.at(-1).dispatchEvent(new CloseEvent('close', {code: 1006}))")
        sdk.tickets.create(title, board=own.id)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect_cards(page, "Not Started", "one", "two", *(["three"] if n else []))
    urls = page.evaluate("sockets.map(socket => new URL(socket.url).searchParams.get('after'))")
    assert urls == sorted(urls)
    assert all(urls)

    page.evaluate("sockets.at(-1).close()")
    state(page, "ended")
    page.get_by_role("button", name="Reconnect").click()
    state(page, "connected")

    snapshots: list[str] = []
    page.on("request", lambda request: snapshots.append(request.url) if "/snapshot" in request.url else None)
    message = {"event": "resync", "board_id": own.id, "data": {"reason": "trimmed", "floor": 3, "head": 9}}
    page.evaluate(
        "said => sockets.at(-1).dispatchEvent(new MessageEvent('message', {data: JSON.stringify(said)}))", message
    )
    until(lambda: snapshots and page.evaluate("sockets.at(-1).last") is not None, what="the snapshot")
    state(page, "connected")
    sdk.tickets.create("four", board=own.id)
    expect_cards(page, "Not Started", "one", "two", "three", "four")


def test_a_name_that_changes_while_a_page_connects_leaves_one_connection(people: People, own: Board) -> None:
    page = people.open("/")
    page.add_init_script(SOCKETS)
    waiting = hold(page, "**/snapshot*", "GET")
    page.goto(f"/board/{own.id}")
    until_held(page, waiting)
    page.evaluate("import('/web/lib/user.js').then(user => user.rename('Eve'))")
    until(lambda: page.evaluate("0") or len(waiting) == 2, what="the second request")
    let_go(page, waiting)
    let_go(page, waiting)
    state(page, "connected")
    assert page.evaluate("sockets.map(socket => new URL(socket.url).searchParams.get('username'))") == ["Eve"]


def test_a_page_that_gets_no_frames_follows_all_the_same(people: People, sdk: Kanban, own: Board) -> None:
    page = people.open(f"/board/{own.id}")
    state(page, "connected")
    expect(column(page, "Not Started")).to_be_visible()
    page.evaluate("void (window.requestAnimationFrame = () => 0)")  # as for a hidden page
    sdk.tickets.create("one", board=own.id)
    expect_cards(page, "Not Started", "one")


def test_a_board_that_is_deleted_or_never_was_says_so(people: People, sdk: Kanban, own: Board) -> None:
    page = people.open(f"/board/{own.id}")
    state(page, "connected")
    sdk.boards.delete(own.id)
    expect(page.get_by_role("heading", name="This board was deleted")).to_be_visible()
    page.goto("/board/999999")
    expect(page.get_by_role("heading", name="There is no such board")).to_be_visible()
