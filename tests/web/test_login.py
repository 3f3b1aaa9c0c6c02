"""A server with users in a browser: a token logs in, an invite is taken, the name is the token's."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import expect

from tests.support.browser import People
from tests.support.people import Guarded
from tests.support.waiting import until
from tests.web.looks import expect_cards

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_token_logs_in_leads_on_to_the_board_and_is_the_name(known_people: People, guarded: Guarded) -> None:
    token = guarded.person("Mia Meyer")
    board = guarded.board(token, "Hers")
    guarded.ticket(token, board, title="one")
    page = known_people.open(f"/board/{board}", "somebody else")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.get_by_label("Your token").fill("kbn_wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect_cards(page, "Not Started", "one")
    assert token not in page.evaluate("document.cookie + JSON.stringify({...localStorage}) + location.href")
    page.get_by_role("link", name="one").focus()
    page.keyboard.press("Shift+ArrowRight")
    moved = f"/api/boards/{board}/events?after=2"
    until(
        lambda: [one["actor"] for one in guarded.done(token, "GET", moved)["events"]] == ["Mia Meyer"], what="the move"
    )

    page.get_by_role("button", name="You are Mia Meyer").click()
    page.get_by_role("link", name="Your profile").click()
    page.get_by_label("Team").fill("Tools")
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save").click()
    until(lambda: guarded.done(token, "GET", "/api/me")["team"] == "Tools", what="the team")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("#avatar-file").set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".profile .avatar img")).to_be_visible()

    guarded.done(guarded.root, "PATCH", "/api/users/Mia%20Meyer", {"disabled": True})
    page.goto(f"/board/{board}")
    expect(page.get_by_label("Your token")).to_be_visible()


def test_an_invite_makes_somebody_a_user_of_a_board_that_others_do_not_see(
    known_people: People, guarded: Guarded
) -> None:
    hidden = guarded.board(guarded.root, "Hidden")
    invite = guarded.done(guarded.root, "POST", "/api/invites", {"kind": "person"})
    page = known_people.open(f"/join#{invite['secret']}")
    page.get_by_label("Your name here").fill("newcomer")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    secret = page.locator(".secret").inner_text()
    assert guarded.done(secret, "GET", "/api/me")["name"] == "newcomer"
    page.get_by_role("button", name="To the boards").click()
    expect(page.get_by_role("heading", name="Boards", exact=True)).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Hidden")
    page.goto(f"/board/{hidden}")
    expect(page.get_by_role("heading", name="There is no such board")).to_be_visible()
    page.get_by_role("button", name="You are newcomer").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Your token")).to_be_visible()
