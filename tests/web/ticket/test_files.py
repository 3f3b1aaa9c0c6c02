"""Files in the panel of a ticket: pasted, dropped, chosen, shown, removed."""

from __future__ import annotations

import base64

from playwright.sync_api import FilePayload, Locator, expect

from kanban_sdk import Board, Kanban
from tests.support.browser import NARROW, People
from tests.support.pictures import picture
from tests.support.waiting import until
from tests.web.looks import panel

GIVE = """([element, kind, name, type, content]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
}"""


def give(target: Locator, kind: str, name: str, content: bytes) -> None:
    """Paste or drop a file, as a user would."""
    arguments = [kind, name, "image/png", base64.b64encode(content).decode()]
    target.evaluate(f"(element, rest) => ({GIVE})([element, ...rest])", arguments)


def test_a_pasted_picture_is_attached_and_shown_in_the_comment(people: People, sdk: Kanban, own: Board) -> None:
    ticket = sdk.tickets.create("With pictures", board=own.id).id
    page = people.open(f"/board/{own.id}/ticket/{ticket}")
    field = panel(page).get_by_label("Write a comment")
    field.fill("Look: here")
    field.evaluate("(field) => field.setSelectionRange(5, 5)")
    give(field, "paste", "shot (1).png", picture("png", 800, 500))
    target = f"/api/tickets/{ticket}/files/shot%20%281%29.png"
    expect(field).to_have_value(f"Look:\n![shot (1).png]({target})\n here")
    field.press("Control+Enter")
    image = panel(page).locator(".activity-list .picture img")
    expect(image).to_have_js_property("naturalWidth", 800)
    expect(image).to_have_attribute("alt", "shot (1).png")
    item = panel(page).locator(".file-list li")
    expect(item).to_contain_text("shot (1).png")
    expect(item.locator("img")).to_have_js_property("complete", True)

    again = people.open(f"/board/{own.id}/ticket/{ticket}", "bob", size=NARROW)
    expect(panel(again).locator(".activity-list .picture img")).to_have_js_property("naturalWidth", 800)
    assert again.evaluate("document.documentElement.scrollWidth <= innerWidth")

    item.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(item).to_have_count(0)
    expect(panel(again).locator(".file-list li")).to_have_count(0)


def test_a_dropped_file_is_named_in_the_description_and_others_see_it_at_once(
    people: People, sdk: Kanban, own: Board
) -> None:
    ticket = sdk.tickets.create("With a log", board=own.id, description="See").id
    page, other = (people.open(f"/board/{own.id}/ticket/{ticket}") for _ in range(2))
    panel(page).get_by_role("button", name="Edit the description").click()
    field = panel(page).get_by_role("textbox", name="Description")
    give(field, "drop", "log.txt", b"a line")
    expect(field).to_have_value(f"See\n[log.txt](/api/tickets/{ticket}/files/log.txt)\n")
    panel(page).get_by_role("button", name="Save").click()
    expect(panel(other).locator(".file-list li")).to_contain_text("log.txt")
    with other.expect_download() as download:
        panel(other).locator(".text-field .prose").get_by_role("link", name="log.txt").click()
    assert download.value.suggested_filename == "log.txt"
    give(panel(other), "drop", "anywhere.txt", b"in the panel")
    expect(panel(page).locator(".file-list li")).to_have_count(2)
    chosen = FilePayload(name="log.txt", mimeType="text/plain", buffer=b"other")
    panel(page).locator(".ticket-files input[type=file]").set_input_files(chosen)
    expect(panel(page).locator(".file-list li").last).to_contain_text("log-2.txt")
    expect(page.locator(".toast")).to_contain_text("log-2.txt")


def test_a_file_that_is_refused_or_does_not_arrive_leaves_the_text_as_it_was(
    people: People, sdk: Kanban, own: Board
) -> None:
    people.outages = True
    ticket = sdk.tickets.create("Refused", board=own.id).id
    page = people.open(f"/board/{own.id}/ticket/{ticket}")
    field = panel(page).get_by_label("Write a comment")
    field.fill("my text")
    give(field, "paste", "empty.png", b"")
    expect(page.locator(".toast")).to_contain_text("empty.png is not attached")
    page.context.set_offline(True)
    give(field, "paste", "far.png", picture("png"))
    expect(page.locator(".toast").last).to_contain_text("far.png is not attached")
    expect(field).to_have_value("my text")
    expect(panel(page).locator(".uploads li")).to_have_count(0)
    page.context.set_offline(False)
    until(lambda: sdk.files.all(ticket) == [])


def test_a_text_shows_no_picture_from_elsewhere(people: People, sdk: Kanban, own: Board) -> None:
    text = "![x](https://evil.example/pixel.png) ![y](/api/boards/1) ![z](/api/tickets/1/files/../../boards)"
    ticket = sdk.tickets.create("Foreign", board=own.id, description=text).id
    page = people.open(f"/board/{own.id}/ticket/{ticket}")
    prose = panel(page).locator(".text-field .prose")
    expect(prose.get_by_role("link", name="x")).to_have_attribute("href", "https://evil.example/pixel.png")
    expect(prose.locator("img")).to_have_count(0)
