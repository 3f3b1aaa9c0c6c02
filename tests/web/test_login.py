"""A server with users in a browser: a token logs in, an invite is taken, the name is the token's."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import expect

from tests.support.browser import People
from tests.support.people import Guarded
from tests.support.waiting import until
from tests.web.looks import NOTES, expect_cards, lose_the_answer

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
    expect(page.get_by_label("Team")).to_be_disabled()  # only an admin of the server sets it
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save").click()
    until(lambda: guarded.done(token, "GET", "/api/me")["theme"] == "dark", what="the theme")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Display name").fill("Mia")
    page.locator("#avatar-file").set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".profile .avatar img")).to_be_visible()
    expect(page.get_by_label("Display name")).to_have_value("Mia")

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
    lose_the_answer(page, "**/api/session", "POST")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    secret = page.locator(".secret").inner_text()
    assert guarded.done(secret, "GET", "/api/me")["name"] == "newcomer"
    page.get_by_role("button", name="To the boards").click()
    expect(page.get_by_role("alert")).to_have_text("Lost on the way.")
    expect(page.locator(".secret")).to_have_text(secret)
    page.get_by_role("button", name="To the boards").click()
    expect(page.get_by_role("heading", name="Boards", exact=True)).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Hidden")
    page.goto(f"/board/{hidden}")
    expect(page.get_by_role("heading", name="There is no such board")).to_be_visible()
    page.get_by_role("button", name="You are newcomer").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Your token")).to_be_visible()


def test_whoever_is_no_longer_a_member_sees_no_more_of_the_board_at_once(
    known_people: People, guarded: Guarded
) -> None:
    token = guarded.person("Lee")
    lost, kept = guarded.board(guarded.root, "Lost"), guarded.board(guarded.root, "Kept")
    for board in (lost, kept):
        guarded.member(guarded.root, board, "Lee")
        guarded.ticket(guarded.root, board, title=f"on {board}")
    page = known_people.open(f"/login?next=/board/{lost}", "Lee")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect_cards(page, "Not Started", f"on {lost}")
    expect(page.locator("connection-state")).to_have_attribute("data-state", "connected")
    guarded.done(guarded.root, "DELETE", f"/api/boards/{lost}/members/Lee")
    expect(page.get_by_role("heading", name="You do not see this board any longer")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    guarded.member(guarded.root, lost, "Lee")
    page.get_by_role("button", name="Reconnect").click()
    expect_cards(page, "Not Started", f"on {lost}")
    guarded.done(guarded.root, "DELETE", f"/api/boards/{lost}/members/Lee")
    expect(page.get_by_role("heading", name="You do not see this board any longer")).to_be_visible()
    page.evaluate(f"history.pushState(null, '', '/board/{kept}'); dispatchEvent(new PopStateEvent('popstate'))")
    expect_cards(page, "Not Started", f"on {kept}")
    expect(page.get_by_role("heading", name="You do not see this board any longer")).to_have_count(0)

    guarded.done(guarded.root, "PATCH", "/api/users/Lee", {"disabled": True})
    expect(page.get_by_label("Your token")).to_be_visible()


def test_one_is_notified_of_what_ones_profile_says(known_people: People, guarded: Guarded) -> None:
    token = guarded.person("Nia")
    board = guarded.board(token, "Hers")
    ticket = guarded.ticket(token, board, title="one")
    guarded.done(token, "PATCH", "/api/me", {"notifications": "mentions"})
    page = known_people.open("/login", "Nia", permissions=["notifications"])
    page.add_init_script(NOTES)
    page.goto(f"/login?next=/board/{board}")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect_cards(page, "Not Started", "one")
    page.get_by_role("button", name="You are Nia").click()
    page.get_by_label("Notify me").check()
    guarded.done(guarded.root, "PATCH", f"/api/tickets/{ticket}", {"assignee": "Nia"})
    guarded.done(guarded.root, "POST", "/api/comments", {"ticket_id": ticket, "text": "Look, @Nia"})
    for n in range(6):  # and much else at once
        guarded.done(guarded.root, "PATCH", f"/api/tickets/{ticket}", {"title": f"one {n}"})
    expect_cards(page, "Not Started", "one 5")
    assert page.evaluate("notes") == ["root mentions you: Look, @Nia"]
