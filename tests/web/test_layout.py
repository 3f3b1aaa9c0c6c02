"""Pages on phones, at 200 % zoom, at 320 pixels, on paper, at midnight, and at addresses that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People
from tests.support.people import Guarded
from tests.web.looks import card, column, expect_cards

LONG = "A title that is long enough to wrap on every screen there is, and Donaudampfschifffahrtsgesellschaft"


@pytest.fixture
def full(sdk: Kanban, own: Board) -> int:
    """A board with something of everything; the ticket that has most of it."""
    ticket = sdk.tickets.create(
        LONG, board=own.id, description="```\n" + "x" * 300 + "\n```", acceptance_criteria="- [ ] one",
        labels=["a-long-label-that-nobody-would-choose", "b", "c", "d"], assignee="bob", due_date="2020-01-01",
    )  # fmt: skip
    sdk.comments.add(ticket.id, "https://example.com/" + "y" * 200)
    sdk.tickets.create("done", board=own.id, column="Done")
    return ticket.id


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


@pytest.mark.slow
def test_nothing_scrolls_sideways_at_320_pixels_and_nothing_disappears_at_200_percent(
    people: People, own: Board, full: int
) -> None:
    page = people.open("/", size=(320, 640))
    addresses = (
        *("/", f"/board/{own.id}", f"/board/{own.id}/ticket/{full}", f"/board/{own.id}/figures"),
        *(f"/board/{own.id}/agents", f"/board/{own.id}/archive", f"/board/{own.id}/team"),
        *(f"/board/{own.id}?view=list", "/inbox", "/my-work", "/users"),
    )
    for address in addresses:
        page.goto(address)
        page.locator("h1, h2").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, address
    page.goto(f"/board/{own.id}/ticket/{full}")
    body = page.locator(".panel-body")
    page.get_by_text("https://example.com/").wait_for()
    assert body.evaluate("body => body.scrollWidth - body.clientWidth") == 0

    page.set_viewport_size({"width": 640, "height": 400})  # 1280 by 800 at 200 %
    page.goto(f"/board/{own.id}")
    page.get_by_role("button", name="More", exact=True).click()
    menu = page.get_by_role("group", name="More")
    for name in ("Figures", "Agents and questions", "Team and webhooks", "Archive and trash"):
        expect(menu.get_by_role("link", name=name)).to_be_visible()
    for name in ("Board settings", "Keyboard shortcuts"):
        expect(menu.get_by_role("button", name=name)).to_be_visible()
    for name in ("Activity", "You are ada"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect(page.get_by_label("Search this board")).to_be_visible()
    expect(page.locator("connection-state")).to_be_visible()


def test_fingers_have_targets_of_44_pixels_and_the_bar_is_at_the_bottom(people: People, own: Board, full: int) -> None:
    page = people.open(f"/board/{own.id}", size=NARROW, has_touch=True, is_mobile=True)
    expect(card(page, "Donaudampf")).to_be_visible()
    small = page.evaluate("""() => [...document.querySelectorAll('button, a[href], select, input')]
        .filter((one) => one.checkVisibility() && !one.closest('.card, .skip, .unseen, [popover], .search'))
        .map((one) => [one.getAttribute('aria-label') ?? one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.height && (box.height < 43.5 || box.width < 24))
        .map(([name, box]) => `${name}: ${box.width} by ${box.height}`)""")
    assert small == []
    bar = page.locator(".bar-actions").bounding_box()
    assert bar is not None
    assert bar["y"] > NARROW[1] - 60
    card(page, "Donaudampf").tap()
    expect(page.get_by_label("Write a comment")).to_be_visible()
    page.get_by_role("button", name="Close (Esc)").tap()
    expect(page.get_by_label("Write a comment")).to_be_hidden()


def test_a_board_is_printed_with_all_its_cards(people: People, sdk: Kanban, own: Board) -> None:
    titles = [f"ticket {n:02}" for n in range(40)]
    sdk.boards.import_tickets(own.id, [{"source_id": title, "title": title} for title in titles])
    page = people.open(f"/board/{own.id}")
    expect(card(page, "ticket 00")).to_be_visible()
    assert page.locator(".card").count() < 40
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".card")).to_have_count(40)
    expect(page.locator("app-bar")).to_be_hidden()
    tops = page.evaluate("[...document.querySelectorAll('.card')].map((one) => one.getBoundingClientRect().top)")
    assert sorted(set(tops)) == tops  # one below the other, none upon another
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator("app-bar")).to_be_visible()


def test_what_is_due_today_is_overdue_after_midnight_and_ages_do_not_tick(
    people: People, sdk: Kanban, own: Board
) -> None:
    now = datetime.now(UTC)
    sdk.tickets.create("due", board=own.id, due_date=f"{now:%Y-%m-%d}")
    page = people.open("/", timezone_id="UTC")
    page.clock.install()
    page.goto(f"/board/{own.id}")
    expect(card(page, "due").locator(".fact.soon")).to_be_visible()
    age = card(page, "due").locator(".age")
    expect(age).to_have_text("now")
    assert age.evaluate("age => getComputedStyle(age).opacity") == "0"
    card(page, "due").hover()
    expect(age).to_have_css("opacity", "1")
    midnight = now.replace(hour=0, minute=0, second=2, microsecond=0) + timedelta(days=1)
    page.clock.fast_forward(int((midnight - now).total_seconds() * 1000))
    expect(card(page, "due").locator(".fact.overdue")).to_be_visible()


def test_an_address_that_is_none_is_a_page_for_people_and_a_problem_for_programs(
    people: People, rest: httpx.Client, own: Board
) -> None:
    page = people.open("/profile")
    response = page.goto("/nonsense")
    assert response is not None
    assert response.status == 404
    people.faults().clear()  # the browser reports the 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.get_by_role("link", name="All boards").last.click()
    expect(page.get_by_role("heading", name="Boards", exact=True)).to_be_visible()
    for accept, path in (("*/*", "/nonsense"), ("text/html", "/api/nonsense"), ("text/html", "/web/nonsense")):
        answer = rest.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
    for name in ("agents", "archive", "team"):
        page.goto(f"/board/999999/{name}")
        expect(page.get_by_role("heading").last).to_be_visible()
        expect(page.get_by_role("link", name="All boards").last).to_be_visible()


def test_the_own_avatar_and_display_name_show_in_the_bar_and_strangers_are_marked(
    known_people: People, guarded: Guarded
) -> None:
    token = guarded.person("Zoe", display_name="Zoe Zett")
    board = guarded.board(token, "Hers")
    ticket = guarded.ticket(token, board, title="one", assignee="nobody-here")
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63648cf8cf500f0003860180"
        "5a347d9b0000000049454e44ae426082"
    )
    answer = guarded.rest(token).put("/api/me/avatar", content=pixel, headers={"Content-Type": "image/png"})
    assert answer.is_success, answer.text
    page = known_people.open(f"/login?next=/board/{board}/ticket/{ticket}", "x")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect_cards(page, "Not Started", "one")
    button = page.get_by_role("button", name="You are Zoe Zett")
    expect(button.locator("img")).to_be_visible()
    expect(page.locator(".stranger")).to_have_text("not a member")
    expect(page.get_by_role("button", name="Claim in place of nobody-here")).to_be_visible()
    page.get_by_role("combobox", name="Assignee").fill("zo")
    expect(page.get_by_role("option", name="Zoe")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".stranger")).to_have_count(0)
    expect(column(page, "Not Started").get_by_role("img", name="Assigned to Zoe")).to_be_visible()
