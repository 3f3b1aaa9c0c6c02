"""axe finds no serious barrier on any page, in either theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People
from tests.support.cli import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

RUN = """async (theme) => {
  document.documentElement.dataset.theme = theme;
  do await new Promise(requestAnimationFrame);
  while (document.getAnimations().length); // colours pass from parent to child, a frame each
  const only = theme === "dark" ? {runOnly: ["color-contrast"]} : {};
  return (await axe.run({...only, resultTypes: ["violations"], preload: false})).violations;
}"""
"""The theme changes colours and nothing else, so that the dark one needs no second look at the rest."""

Check = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def axe(pytestconfig: pytest.Config) -> str:
    """axe's source; skips where it was not installed."""
    if not AXE.is_file() and pytestconfig.getoption("--browser"):
        pytest.fail("axe is required, and missing: npm install --no-save")
    if not AXE.is_file():
        pytest.skip("axe: not installed (scripts/test --browser installs it)")
    return AXE.read_text()


@pytest.fixture
def check(axe: str) -> Iterator[Check]:
    """Looks at a page as it is now, in both themes, and remembers what is wrong with it."""
    found: list[str] = []

    def check(page: Page, what: str) -> None:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(axe)
        for theme in ("dark", "light"):
            for one in page.evaluate(RUN, theme):
                if one["impact"] in {"serious", "critical"}:
                    places = "; ".join(_where(node) for node in one["nodes"][:4])
                    found.append(f"{what}, {theme}: {one['id']}: {places}")

    yield check
    assert not found, "\n".join(found)


def _where(node: dict[str, Any]) -> str:
    return f"{node['target']} {' '.join(node['failureSummary'].split())[:200]}"


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
    page.goto(f"/board/{own.id}/agents")
    page.locator(".agent").first.wait_for()
    check(page, "agents")
    page.goto(f"/board/{own.id}/archive")
    page.get_by_text("The trash is empty.").wait_for()
    check(page, "archive")
    page.goto(f"/board/{own.id}/team")
    page.get_by_text("No webhooks.").wait_for()
    check(page, "team")
    page.get_by_role("button", name="Invite an agent").click()
    check(page, "setup of an agent")
    for address in ("/inbox", "/my-work", "/users"):
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        check(page, address)
    page.goto(f"/board/{own.id}/figures")
    page.locator(".layer").first.wait_for()
    check(page, "figures")
    page.goto("/board/none")
    check(page, "nothing here")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.goto(f"/board/{own.id}")
    page.locator(".card").first.wait_for()
    check(page, "board on a phone")
