"""What waits for somebody: the inbox with its badge, their work, and the agents that ask."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from kanban_sdk import Board, Kanban
from tests.support.browser import People
from tests.support.servers import Server
from tests.support.waiting import until


def test_the_inbox_counts_in_bar_title_and_icon_and_is_answered_in_place(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    first, second = (sdk.tickets.create(title, board=own.id).id for title in ("one", "two"))
    page = people.open(f"/board/{own.id}", "iris")
    sdk.comments.add(first, "Look at this, @iris")
    badge = page.locator(".inbox-link .badge")
    expect(badge).to_have_text("1")
    with site.kanban("bot") as bot:
        bot.tickets.ask(second, "@iris shall I go on?")
    expect(badge).to_have_text("2")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert page.evaluate("document.querySelector('link[rel=icon]').href").startswith("data:image/svg+xml")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(f"{people.url}/inbox")
    expect(page.locator(".inbox-item")).to_have_count(2)
    question = page.get_by_role("article", name=f"bot on #{second}")
    expect(question).to_contain_text("bot asks you on")
    question.get_by_label("Answer on").fill("Yes, go on.")
    question.get_by_label("Answer on").press("Control+Enter")
    expect(question).to_have_count(0)
    expect(badge).to_have_text("1")  # the older mention is still unread
    assert [one.text for one in sdk.comments.all(second)][-1] == "Yes, go on."
    page.reload()
    expect(page.locator(".inbox-item")).to_have_count(1)
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    expect(badge).to_be_hidden()
    expect(page).to_have_title("Inbox · Agent Kanban")
    with site.kanban("iris") as iris:
        assert iris.inbox.unread().total == 0


def test_a_watched_ticket_comes_into_the_inbox(people: People, sdk: Kanban, own: Board, site: Server) -> None:
    ticket = sdk.tickets.create("watched", board=own.id).id
    page = people.open(f"/board/{own.id}/ticket/{ticket}", "wilma")
    watch = page.get_by_role("button", name="Watch the ticket")
    expect(watch).to_have_attribute("aria-pressed", "false")
    watch.click()
    expect(watch).to_have_attribute("aria-pressed", "true")
    with site.kanban("bot") as bot:
        bot.comments.add(ticket, "Nearly there.")
        bot.tickets.move(ticket, "Done")
    page.goto("/inbox")
    items = page.get_by_role("article", name=f"bot on #{ticket}")
    expect(items).to_have_count(2)
    expect(items.nth(0)).to_contain_text(f"bot finished #{ticket} watched")
    expect(items.nth(1)).to_contain_text("bot comments on")
    items.nth(0).get_by_role("button", name="Mark as read").click()
    expect(items).to_have_count(1)
    page.goto(f"/board/{own.id}/ticket/{ticket}")
    expect(watch).to_have_attribute("aria-pressed", "true")
    watch.click()
    expect(watch).to_have_attribute("aria-pressed", "false")
    with site.kanban("wilma") as wilma:
        assert not wilma.inbox.watches(ticket).watching


def test_my_work_is_what_one_holds_and_is_assigned_on_all_boards(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    other = sdk.boards.create("the second board of Jo")
    late = sdk.tickets.create("late", board=own.id, assignee="jo", due_date="2020-01-01")
    sdk.tickets.create("later", board=other.id, assignee="jo")
    sdk.tickets.create("finished", board=other.id, assignee="jo", column="Done")
    held = sdk.tickets.create("in hand", board=own.id)
    with site.kanban("jo") as jo:
        jo.tickets.claim(held.id)
    page = people.open("/my-work", "jo")
    parts = page.locator(".part")
    expect(parts).to_have_count(3)
    expect(parts.nth(0)).to_contain_text("in hand")
    expect(parts.nth(1)).to_contain_text("late")
    expect(parts.nth(2)).to_contain_text("the second board of Jo · Not Started")
    expect(page.locator("main")).not_to_contain_text("finished")
    page.get_by_role("link", name=f"#{late.id} late").click()
    expect(page).to_have_url(f"{people.url}/board/{own.id}/ticket/{late.id}")


def test_agents_are_seen_with_what_they_hold_and_their_questions_are_answered(
    people: People, sdk: Kanban, own: Board, site: Server
) -> None:
    held, asked = (sdk.tickets.create(title, board=own.id).id for title in ("held", "asked"))
    sdk.tickets.create("finished", board=own.id, column="Done", assignee="bot")
    sdk.tickets.create("stuck", board=own.id, labels=["needs-human"])
    with site.kanban("bot") as bot:
        bot.tickets.claim(held, lease_seconds=600)
        bot.tickets.ask(asked, "@kim which one?")
    page = people.open(f"/board/{own.id}/agents", "kim")
    agent = page.locator(".agent")
    expect(agent).to_contain_text("bot")
    expect(agent).to_contain_text("not connected")
    expect(agent).to_contain_text("claimed just now · 9 min left")
    question = page.get_by_role("article", name="bot asks you")
    expect(question).to_contain_text("which one?")
    parts = page.locator(".part")
    expect(parts.nth(2)).to_contain_text("stuck")
    expect(parts.nth(3)).to_contain_text("finished")
    question.get_by_label("Answer on").fill("The first one.")
    question.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("No question is open.")).to_be_visible()
    assert sdk.tickets.get(asked).open_question is None
    with site.kanban("bot") as bot:
        bot.tickets.ask(asked, "And then?")
    expect(page.get_by_role("article", name="bot asks grace")).to_contain_text("And then?")  # who made the ticket
    page.get_by_role("button", name=f"Take over #{held}").click()

    def holder() -> str | None:
        claim = sdk.tickets.get(held).claim
        return claim.holder if claim else None

    until(lambda: holder() == "kim", what="the claim")
    expect(agent).to_contain_text("kim")
    expect(agent).to_contain_text("connected")
