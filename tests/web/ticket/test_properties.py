"""The properties of an open ticket: assignee, priority, dates, labels, links, criteria, column."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kanban_sdk import Board, Kanban, Ticket
from tests.support.browser import People
from tests.support.waiting import until
from tests.web.looks import card, panel


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> Ticket:
    return sdk.tickets.create("Fix it", board=own.id, acceptance_criteria="works\nfast")


def test_properties_follow_the_changes_of_others_and_keep_what_is_being_typed(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    other = sdk.tickets.create("Other", board=own.id)
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    assignee, link = panel(page).get_by_label("Assignee"), panel(page).get_by_label("Add an address or a commit")
    link.fill("https://exa")
    sdk.tickets.link(ticket.id, add=["https://example.com/1"])
    expect(panel(page).get_by_role("link", name="example.com/1")).to_be_visible()
    expect(link).to_be_focused()
    assignee.focus()
    sdk.tickets.edit(ticket.id, priority="high")
    expect(panel(page).get_by_label("Priority")).to_have_value("high")
    expect(assignee).to_be_focused()
    page.keyboard.type("bo")
    sdk.tickets.block(ticket.id, other.id)
    expect(panel(page).get_by_role("link", name="Other")).to_be_visible()
    sdk.tickets.edit(ticket.id, priority="low")
    expect(panel(page)).to_contain_text("grace changed this: priority to low")
    expect(assignee).to_have_value("bo")
    expect(link).to_have_value("https://exa")
    panel(page).get_by_label("Add it to a larger ticket").fill("2 factor")
    panel(page).get_by_label("Add it to a larger ticket").press("Enter")
    until(lambda: sdk.tickets.get(ticket.id).assignee == "bo", what="the assignee")
    expect(panel(page).get_by_label("Priority")).to_have_value("low")
    expect(panel(page).get_by_label("Add it to a larger ticket")).to_have_value("2 factor")


def test_each_property_is_saved_when_it_changes(people: People, sdk: Kanban, own: Board, ticket: Ticket) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    panel(page).get_by_label("Priority").select_option("critical")
    panel(page).get_by_label("Assignee").fill("bob")
    panel(page).get_by_label("Assignee").press("Enter")
    panel(page).get_by_label("Due").fill("2031-05-17")
    panel(page).get_by_label("Due").press("Tab")
    panel(page).get_by_label("Not before").fill("2031-05-16T21:00")
    panel(page).get_by_label("Not before").press("Tab")
    panel(page).get_by_label("Add a label").fill("api")
    panel(page).get_by_label("Add a label").press("Enter")
    expect(panel(page).get_by_role("button", name="Remove the label api")).to_be_visible()
    page.keyboard.type("ui")
    page.keyboard.press("Enter")
    panel(page).get_by_label("Add an address or a commit").fill("https://example.com/pull/3")
    panel(page).get_by_label("Add an address or a commit").press("Enter")
    panel(page).get_by_label("fast").check()
    panel(page).get_by_label("Column").select_option("In Progress")

    def properties() -> tuple[object, ...]:
        now = sdk.tickets.get(ticket.id)
        ticked = (now.acceptance_criteria or "").splitlines()
        return (
            now.priority,
            now.assignee,
            now.due_date,
            bool(now.not_before),
            now.labels,
            [one.ref for one in now.links],
            ticked,
            now.current_column,
        )

    until(
        lambda: (
            properties()
            == (
                *("critical", "bob", "2031-05-17", True, ["api", "ui"], ["https://example.com/pull/3"]),
                *(["works", "- [x] fast"], "In Progress"),
            )
        ),
        what="the properties",
    )
    view = card(page, "Fix it")
    for text in ("1/2", "2031", "api", "not before"):
        expect(view).to_contain_text(text)
    expect(view.get_by_role("img", name="Assigned to bob")).to_be_visible()
    expect(view.get_by_role("img", name="priority critical")).to_be_visible()
