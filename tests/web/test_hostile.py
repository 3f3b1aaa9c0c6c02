"""Other people's words in every field of a page: shown as words, run never."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from kanban_sdk import Kanban
from tests.server.hostile.test_hostile_texts import HOSTILE
from tests.server.hostile.test_invisible import SHOWN, TITLE, hidden_in
from tests.support.browser import People
from tests.support.servers import Server

SCRIPTS = [
    "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<script>alert(1)</script>", "javascript:alert(1)",
    "[x](javascript:alert(1))", "![x](http://example.com/x.png)", "<a href='javascript:alert(1)'>x</a>",
    "\"><script>alert(1)</script>", "'-alert(1)-'", "${alert(1)}", "{{constructor.constructor('alert(1)')()}}",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<style>*{display:none}</style>", "<base href=//example.com>",
]  # fmt: skip
TEXTS = list(dict.fromkeys([*SCRIPTS, *HOSTILE]))


def test_letters_that_nobody_sees_are_shown_and_edited_as_they_are(people: People, sdk: Kanban) -> None:
    board = sdk.boards.create(TITLE)
    ticket = sdk.tickets.create(TITLE, board=board.id, description=TITLE, assignee=TITLE, labels=[TITLE]).id
    sdk.comments.add(ticket, TITLE)
    page = people.open(f"/board/{board.id}/ticket/{ticket}")
    expect(page.locator("ticket-panel").get_by_text(SHOWN).first).to_be_visible()
    expect(page.locator("ticket-panel .prose.plain")).to_have_count(0)
    text = page.evaluate("document.body.innerText + document.title")
    assert hidden_in(text) == []
    assert text.count(SHOWN) > 5
    page.goto("/")
    expect(page.get_by_text(SHOWN).first).to_be_visible()
    assert hidden_in(page.evaluate("document.body.innerText")) == []
    assert sdk.tickets.get(ticket).title == TITLE


def test_sixty_hostile_texts_in_every_field_run_nothing(people: People, sdk: Kanban, site: Server) -> None:
    assert len(TEXTS) >= 60
    board = sdk.boards.create(
        SCRIPTS[0], description=SCRIPTS[1], columns=[*(text[:50] for text in SCRIPTS[:4]), "Done"]
    )
    ids = []
    with site.kanban(SCRIPTS[0]) as eve:
        for number, text in enumerate(TEXTS):
            fields: dict[str, Any] = {
                "description": text,
                "acceptance_criteria": text,
                "assignee": text,
                "labels": [text[:50]],
            }
            ids.append(eve.tickets.create(text, board=board.id, column=board.columns[number % 4], **fields).id)
        for text in TEXTS:
            eve.comments.add(ids[0], text)
    page = people.open(f"/board/{board.id}/ticket/{ids[0]}")
    expect(page.locator("article")).to_have_count(60, timeout=20_000)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("article")).to_have_count(len(TEXTS))
    expect(page.locator("article .prose.plain")).to_have_count(0, timeout=20_000)
    hrefs = page.eval_on_selector_all("ticket-panel .prose a", "links => links.map(link => link.protocol)")
    assert set(hrefs) <= {"http:", "https:", "mailto:"}
    assert page.locator("ticket-panel .prose").locator("img, script, iframe, style, base, svg").count() == 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Activity").click()
    expect(page.locator(".activity li").first).to_be_visible()
    for text in TEXTS[:8]:
        page.get_by_label("Search this board").fill(text)
        expect(page.locator(".card-link").first).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name=SCRIPTS[0])).to_be_visible()
