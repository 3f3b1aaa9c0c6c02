"""The page of a board's figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.fixture
def history(sdk: Kanban, own: Board) -> list[int]:
    """One ticket long in progress, one that is done after work, one that was done elsewhere."""
    brought = [
        {"source_id": "old", "title": "Old <b>work</b>", "created_at": ago(9), "current_column": "In Progress",
         "column_entered_at": ago(5.01), "assignee": "bob"},
        {"source_id": "quick", "title": "Quick", "created_at": ago(4.01), "assignee": "ada"},
        {"source_id": "done", "title": "Elsewhere", "created_at": ago(8), "current_column": "Done",
         "column_entered_at": ago(6)},
    ]  # fmt: skip
    ids = sdk.boards.import_tickets(own.id, brought).ids
    sdk.tickets.move(ids["quick"], "In Progress")
    sdk.tickets.move(ids["quick"], "Done")
    return list(ids.values())


def chart(page: Page, title: str) -> Locator:
    return page.locator(".chart").filter(has=page.get_by_role("heading", name=title))


def test_the_figures_are_drawn_said_in_words_and_looked_at_with_the_keys(
    people: People, own: Board, sdk: Kanban, history: list[int]
) -> None:
    page = people.open(f"/board/{own.id}", "ada")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="Figures").click()
    expect(page).to_have_title(re.compile(rf"^(\(\d+\) )?Figures of {own.name} · Agent Kanban$"))
    expect(page.locator(".sum").nth(1)).to_contain_text("85 % within 4 d")
    expect(page.locator(".sum").nth(2)).to_have_text(re.compile(r"^Done this week[12]2 in [23] weeks$"))
    expect(page.locator(".sum").nth(3)).to_contain_text("In progress1the oldest for 5 d")

    flow = chart(page, "Cumulative flow")
    expect(flow.locator("path.layer")).to_have_count(5)
    expect(flow.locator(".legend li")).to_have_text(own.columns)
    flow.get_by_text("As a table").click()
    expect(flow.locator("tbody tr").last).to_have_text(f"{datetime.now(UTC):%Y-%m-%d}01002")

    age = chart(page, "Ageing work")
    age.locator(".chart-frame").focus()
    page.keyboard.press("End")
    expect(age.locator(".chart-tip")).to_have_text(f"#{history[0]} Old <b>work</b>5 d · In Progress · bob")
    expect(age.get_by_role("status")).to_contain_text("Old <b>work</b>")

    done = chart(page, "Throughput")
    expect(done.locator("rect.bar-mark").last).to_be_visible()
    done.locator("rect.bar-mark").last.hover()
    expect(done.locator(".chart-tip")).to_contain_text("done")
    expect(chart(page, "By user").locator("tbody tr")).to_have_text(["ada100"])

    chart(page, "Cycle time").locator(".chart-frame").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{people.url}/board/{own.id}/ticket/{history[1]}")


def test_a_period_is_chosen_and_kept_and_an_empty_board_says_so(people: People, own: Board) -> None:
    page = people.open(f"/board/{own.id}/figures", "ada", size=NARROW, theme="dark")
    expect(chart(page, "Cycle time")).to_contain_text("Nothing in this time.")
    expect(chart(page, "Ageing work")).to_contain_text("Nothing is in progress.")
    rows = chart(page, "Throughput").locator("tbody tr")
    expect(rows).to_have_count(14 if datetime.now(UTC).weekday() < 6 else 13)
    page.get_by_label("Period").select_option("2 weeks")
    expect(rows).to_have_count(3)
    page.reload()
    expect(rows).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
    missing = people.open("/board/999999999/figures", "ada")
    expect(missing.get_by_role("heading", name="There is no such board")).to_be_visible()
