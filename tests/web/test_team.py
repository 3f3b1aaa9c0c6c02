"""A team is run in the browser: members, roles, invites, tokens, webhooks, export, notices."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from kanban_sdk import Board
from tests.support.browser import Chromium, People
from tests.support.databases import Databases
from tests.support.people import Guarded
from tests.support.receiver import receiving
from tests.support.servers import running
from tests.support.waiting import until
from tests.web.looks import note


def log_in(people: People, token: str, path: str, permissions: Sequence[str] = ()) -> Page:
    page = people.open(f"/login?next={path}", f"user of {path}", permissions=permissions)
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(re.escape(path) + "$"))
    return page


def test_an_admin_of_a_board_makes_members_and_gives_them_roles(known_people: People, guarded: Guarded) -> None:
    token = guarded.person("Tess")
    board = guarded.board(token, "Hers")
    guarded.person("Uwe")
    guarded.agent(token, "tess-bot")
    page = log_in(known_people, guarded.root, f"/board/{board}/team")
    add = page.get_by_label("Add a member")
    add.fill("uw")
    page.get_by_role("option", name="Uwe").click()
    page.get_by_label("Role of the new member").select_option("viewer")
    page.get_by_role("button", name="Add", exact=True).click()
    role = page.get_by_label("Role of Uwe")
    expect(role).to_have_value("viewer")
    expect(page.get_by_text("agent of Tess")).to_be_visible()
    role.select_option("user")

    def roles() -> dict[str, str]:
        return {one["name"]: one["role"] for one in guarded.done(token, "GET", f"/api/boards/{board}/members")}

    until(lambda: roles() == {"Tess": "admin", "Uwe": "user"}, what="the role")
    page.get_by_role("button", name="Remove Uwe").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(role).to_have_count(0)
    assert roles() == {"Tess": "admin"}


def test_an_invite_has_the_setup_line_of_each_program_and_makes_an_agent(
    known_people: People, guarded: Guarded
) -> None:
    token = guarded.person("Vera")
    board = guarded.board(token, "Hers")
    page = log_in(known_people, token, f"/board/{board}/team")
    page.get_by_role("button", name="Invite an agent").click()
    page.get_by_label("Name", exact=True).fill("vera-bot")
    page.get_by_role("button", name="Make the link").click()
    dialog = page.get_by_role("dialog", name="Set the agent up")
    line = dialog.locator(".setup .secret")
    expect(line).to_contain_text(f"-u vera-bot && kanban init -b {board} && kanban setup claude")
    dialog.get_by_label("Agent program").select_option("codex")
    expect(line).to_contain_text("kanban setup codex")
    link = dialog.locator(".secret").last.inner_text()
    assert link.startswith(f"{known_people.url}/join#")
    invite = link.partition("#")[2]
    joined = guarded.done(None, "POST", "/api/join", {"invite": invite, "name": "vera-bot"})
    assert (joined["user"]["kind"], joined["user"]["owner"]) == ("agent", "Vera")
    expect(page.get_by_role("button", name="Invite a person")).to_have_count(0)  # she is no admin of the server


def test_tokens_are_made_shown_once_and_revoked(known_people: People, guarded: Guarded) -> None:
    token = guarded.person("Wim")
    page = log_in(known_people, token, "/users", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="New token").click()
    page.get_by_label("Name", exact=True).fill("laptop")
    page.get_by_role("button", name="Make it").click()
    dialog = page.get_by_role("dialog", name="Your new token")
    secret = dialog.locator(".secret").inner_text()
    dialog.get_by_role("button", name="Copy Token").click()
    expect(dialog.get_by_role("button", name="Copy Token")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert guarded.done(secret, "GET", "/api/me")["name"] == "Wim"
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator("body")).not_to_contain_text(secret)
    assert secret not in page.evaluate("JSON.stringify({...localStorage})")
    page.get_by_role("button", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke laptop")).to_have_count(0)
    assert guarded.ask(secret, "GET", "/api/me").status_code == 401


def test_an_admin_of_the_server_changes_users_invites_people_and_posts_notices(
    known_people: People, guarded: Guarded
) -> None:
    token = guarded.person("Xan")
    page = log_in(known_people, guarded.root, "/users")
    page.get_by_label("Role of Xan").select_option("viewer")
    until(lambda: guarded.done(token, "GET", "/api/me")["role"] == "viewer", what="the role")
    page.get_by_role("button", name="Disable Xan").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable Xan")).to_be_visible()
    assert guarded.ask(token, "GET", "/api/me").status_code == 401
    page.get_by_role("button", name="Invite a person").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("dialog", name="Invite a person").last.locator(".secret").inner_text()
    page.get_by_role("button", name="Done").click()
    newcomer = known_people.open(link.removeprefix(known_people.url), "newcomer")
    newcomer.get_by_label("Your name here").fill("Yva")
    newcomer.get_by_role("button", name="Join").click()
    newcomer.get_by_role("button", name="To the boards").click()
    expect(newcomer.get_by_role("heading", name="You are on no board yet")).to_be_visible()
    expect(newcomer.locator("main")).to_contain_text("ask whoever invited you")
    expect(newcomer.locator("connection-state")).to_have_attribute("data-state", "connected")
    page.get_by_label("Notice", exact=True).fill("Tea at four")
    page.get_by_role("button", name="Post").click()
    expect(note(page)).to_contain_text("Shown at")


def test_a_webhook_tells_its_deliveries_and_goes(
    browser: Chromium, databases: Databases, pytestconfig: pytest.Config
) -> None:
    database = databases.make("sqlite", pytestconfig)
    with running(database, KANBAN_WEBHOOK_PRIVATE="true") as server, receiving() as receiver, browser.awake() as awake:
        with server.kanban("grace") as sdk:
            board = sdk.boards.create("Hooked").id
        people = People(awake, server.url)
        page = people.open(f"/board/{board}/team")
        page.get_by_role("button", name="Add a webhook").click()
        page.get_by_label("Address", exact=True).fill(receiver.url)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("dialog", name="The secret of the webhook").locator(".secret")).to_contain_text(
            "whsec_"
        )
        page.get_by_role("button", name="Done").click()
        with server.kanban("grace") as sdk:
            sdk.tickets.create("one", board=board)
        until(lambda: receiver.accepted, what="the delivery")
        row = page.locator("tr", has_text=receiver.url)
        until(lambda: page.reload() and "all 2 events" in row.inner_text(), what="the delivery on the page")
        page.get_by_role("button", name=f"Remove {receiver.url}").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("No webhooks.")).to_be_visible()
        assert people.faults() == []
        people.close()


def test_a_refused_webhook_says_what_to_do_and_an_agent_is_invited(people: People, own: Board) -> None:
    page = people.open(f"/board/{own.id}/team")
    page.get_by_role("button", name="Add a webhook").click()
    page.get_by_label("Address", exact=True).fill("http://127.0.0.1:9/hook")
    page.get_by_label("Events, for example").fill("ticket_moved")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("KANBAN_WEBHOOK_PRIVATE")  # the refusal says what to do
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("No webhooks.")).to_be_visible()

    page.get_by_role("button", name="Invite an agent").click()
    line = page.get_by_role("dialog", name="Set the agent up").locator(".secret")
    expect(line).to_contain_text(f"KANBAN_USER=builder && kanban init -b {own.id} && kanban setup claude")
