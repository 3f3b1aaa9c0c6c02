"""axe finds no serious barrier on any page, in either theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People
from tests.support.servers import Server
from tests.web.axe import Check


@pytest.fixture
def full(sdk: Kanban, own: Board) -> int:
    """A board with something of everything; the ticket that has most of it."""
    sdk.boards.edit_column(own.id, own.column_settings[1].id, limit=1)
    ticket = sdk.tickets.create(
        "Mend the login", board=own.id, description="# Why\n\n- [ ] it *fails*\n\n`code` <https://x.example>",
        acceptance_criteria="- [x] it works\n- [ ] it is tested", assignee="bob", labels=["bug", "ui"], priority="high",
        due_date="2020-01-01",
    )  # fmt: skip
    other = sdk.tickets.create("What it waits for", board=own.id, priority="1.2", labels=["a", "b", "c", "d"])
    sdk.tickets.block(ticket.id, other.id)
    sdk.comments.add(ticket.id, "I looked at **it** @bob")
    sdk.tickets.claim(other.id)
    sdk.tickets.create("Done", board=own.id, column="Done")
    return ticket.id


@pytest.fixture
def reader(sdk: Kanban, own: Board, site: Server) -> str:
    """Somebody with a mention, a question and work of each kind, who holds a ticket; a bot holds another."""
    name = "ida of accessibility"
    sdk.tickets.create("late", board=own.id, assignee=name, due_date="2020-01-01", labels=["ui"])
    sdk.tickets.create("later", board=own.id, assignee=name, priority="high")
    sdk.tickets.create("stuck", board=own.id, labels=["needs-human"])
    mine, asked = (sdk.tickets.create(title, board=own.id).id for title in ("mine", "asked"))
    sdk.comments.add(mine, f'Look at #{asked} and https://x.example, @"{name}"')
    with site.kanban(name) as one, site.kanban("bot") as bot:
        one.tickets.claim(mine)
        bot.tickets.claim(asked, lease_seconds=600)
        bot.tickets.ask(asked, f'@"{name}" which one?')
    return name


def test_the_pages_of_what_waits_for_somebody_have_no_serious_barrier(
    people: People, own: Board, reader: str, check: Check
) -> None:
    page = people.open("/inbox", reader, bypass_csp=True)
    expect(page.locator(".inbox-item")).to_have_count(2)
    check(page, "inbox")
    page.goto("/my-work")
    expect(page.locator(".work-list li")).to_have_count(3)
    check(page, "my work")
    page.goto(f"/board/{own.id}/agents")
    expect(page.locator(".agent")).to_have_count(2)
    expect(page.locator(".inbox-item")).to_have_count(1)
    expect(page.get_by_role("link", name="stuck")).to_be_visible()
    check(page, "agents")


def test_no_page_has_a_serious_barrier(people: People, own: Board, full: int, check: Check) -> None:
    page = people.open("/", "ada", bypass_csp=True)  # axe styles what it measures
    page.locator(".tile").first.wait_for()
    check(page, "boards")
    page.get_by_role("button", name=f"More about {own.name}").click()
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("dialog").wait_for()
    check(page, "board settings")

    people.open(f"/board/{own.id}/ticket/{full}", "bob")
    page.goto(f"/board/{own.id}")
    page.locator(".card").nth(2).wait_for()
    page.locator(".viewers").wait_for()
    check(page, "board")
    page.goto(f"/board/{own.id}/ticket/{full}")
    page.get_by_text("I looked at").wait_for()
    check(page, "ticket")
    page.get_by_role("button", name="You are ada").click()
    check(page, "user menu")
    page.get_by_role("button", name="Change name").click()
    check(page, "name")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, "help")

    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Commands").wait_for()
    check(page, "palette")
    page.keyboard.press("Escape")
    page.goto(f"/board/{own.id}?view=list&group=column")
    page.locator(".list-title").first.wait_for()
    page.get_by_label("Select #").first.check()
    check(page, "list, with a selection")
    page.goto(f"/board/{own.id}/archive")
    page.get_by_text("The trash is empty.").wait_for()
    check(page, "archive")
    page.goto(f"/board/{own.id}/team")
    page.get_by_text("No webhooks.").wait_for()
    check(page, "team")
    page.get_by_role("button", name="Invite an agent").click()
    check(page, "setup of an agent")
    page.goto("/users")
    page.get_by_role("heading", level=1).wait_for()
    check(page, "users")
    page.goto(f"/board/{own.id}/figures")
    page.locator(".layer").first.wait_for()
    check(page, "figures")
    page.goto("/board/none")
    check(page, "nothing here")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.goto(f"/board/{own.id}")
    page.locator(".card").first.wait_for()
    check(page, "board on a phone")
