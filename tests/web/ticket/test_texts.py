"""What people and agents write: long code, many titles at once, input methods, other directions, tasks, references."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from kanban_sdk import Board, Kanban, Ticket
from tests.support.browser import NARROW, People
from tests.support.people import Guarded
from tests.support.waiting import until
from tests.web.looks import card, expect_cards, note, panel

CODE = "```js\nconst x = '" + "x" * 400 + "'\n```\n\n```\n" + "\n".join(f"line {n}" for n in range(30)) + "\n```"


@pytest.fixture
def ticket(sdk: Kanban, own: Board) -> Ticket:
    return sdk.tickets.create("Fix it", board=own.id, description="- [ ] one\n- [x] two\n\nsee #1 and `#2`")


@pytest.mark.parametrize("size", [(1280, 800), NARROW], ids=["wide", "narrow"])
def test_long_code_widens_nothing_and_folds(
    people: People, sdk: Kanban, own: Board, ticket: Ticket, size: tuple[int, int]
) -> None:
    sdk.comments.add(ticket.id, CODE)
    sdk.tickets.edit(ticket.id, description=CODE)
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}", size=size)
    expect(panel(page).locator(".code-block.folded")).to_have_count(2)
    body = page.locator(".panel-body")
    assert body.evaluate("body => body.scrollWidth - body.clientWidth") == 0
    more = panel(page).locator(".text-field").get_by_role("button", name="Show all 30 lines")
    more.click()
    expect(panel(page).locator(".code-block.folded")).to_have_count(1)
    panel(page).get_by_role("button", name="Edit the description").click()
    assert body.evaluate("body => body.scrollWidth - body.clientWidth") == 0


def test_each_pasted_line_is_a_ticket_and_cutting_is_told(people: People, sdk: Kanban, own: Board) -> None:
    page = people.open(f"/board/{own.id}")
    expect(page.locator("board-column")).to_have_count(5)
    page.keyboard.press("n")
    titles = [f"A title of some length, number {n}" for n in range(12)]
    long = "word " * 60
    page.get_by_label("Title of the new ticket").fill("\n".join([*titles, long.strip()]))
    page.get_by_label("Title of the new ticket").press("Enter")
    expect(note(page)).to_contain_text("was cut to 200 characters")
    created = sdk.boards.tickets(own.id).tickets
    assert [one.title for one in created[:12]] == titles
    assert (len(created[12].title), sdk.tickets.get(created[12].id).description) == (200, long.strip())

    search = page.get_by_label("Search this board")
    search.focus()
    page.evaluate("""text => {
        const data = new DataTransfer();
        data.setData('text', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    }""", "x" * 300)  # fmt: skip
    expect(note(page)).to_contain_text("The pasted text was cut: at most 200 characters fit.")


def test_the_enter_of_an_input_method_sends_nothing(people: People, sdk: Kanban, own: Board, ticket: Ticket) -> None:
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    comment = panel(page).get_by_label("Write a comment")
    comment.fill("にほん")
    page.keyboard.press("Escape")
    page.locator("board-column").first.get_by_role("button", name="Add a ticket").click()
    form = page.get_by_label("Title of the new ticket")
    form.fill("にほん")
    enter = """(field, more) => field.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }))"""
    form.evaluate(enter, {"isComposing": True})
    form.evaluate(enter, {"keyCode": 229})
    comment.evaluate(enter, {"keyCode": 229, "ctrlKey": True})
    panel(page).get_by_role("button", name="Edit the title").click()
    panel(page).get_by_label("Title", exact=True).fill("ほん")
    panel(page).get_by_label("Title", exact=True).evaluate(enter, {"keyCode": 229})
    expect(form).to_have_value("にほん")
    expect(comment).to_have_value("にほん")
    form.press("Enter")  # a plain Enter adds
    expect_cards(page, "Not Started", "Fix it", "にほん")
    assert (sdk.tickets.get(ticket.id).title, sdk.comments.all(ticket.id)) == ("Fix it", [])


def test_texts_have_the_direction_of_their_letters(people: People, sdk: Kanban, own: Board, ticket: Ticket) -> None:
    sdk.tickets.edit(ticket.id, title="שלום עולם", description="שלום\n\nhello")
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    direction = "element => getComputedStyle(element).direction"
    assert page.locator(".card-link").evaluate(direction) == "rtl"
    assert page.locator("#ticket-title").evaluate(direction) == "rtl"
    expect(panel(page).locator(".prose p")).to_have_count(2)
    assert [one.evaluate(direction) for one in panel(page).locator(".prose p").all()] == ["rtl", "ltr"]
    comment = panel(page).get_by_label("Write a comment")
    comment.fill("שלום")
    assert comment.evaluate(direction) == "rtl"


def test_tasks_are_ticked_references_lead_on_and_names_are_completed(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    other = sdk.tickets.create("The other one", board=own.id, assignee="bob")
    sdk.tickets.edit(ticket.id, description=f"- [ ] one\n- [x] two\n\nsee #{other.id} and `#{other.id}`")
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    boxes = panel(page).locator(".prose input")
    boxes.first.check()
    text = f"- [x] one\n- [x] two\n\nsee #{other.id} and `#{other.id}`"
    until(lambda: sdk.tickets.get(ticket.id).description == text, what="the task")
    comment = panel(page).get_by_label("Write a comment")
    comment.press_sequentially("ask @bo")
    expect(page.get_by_role("option", name="bob")).to_be_visible()
    comment.press("Enter")
    comment.press_sequentially("about #oth")
    comment.press("Tab")
    expect(comment).to_have_value(f"ask @bob about #{other.id} ")
    panel(page).get_by_role("button", name="Preview").last.click()
    expect(panel(page).get_by_role("region", name="Preview").locator(".mention")).to_have_text("@bob")
    panel(page).get_by_role("button", name="Preview").last.click()
    comment.press("Control+Enter")
    expect(panel(page).get_by_role("article", name="Comment of ada").locator(".mention")).to_have_text("@bob")
    expect(panel(page).locator(".text-field .reference")).to_have_count(1)  # the other one is code
    panel(page).locator(".text-field .reference").click()
    expect(panel(page).get_by_role("heading", name="The other one")).to_be_visible()


def test_activity_tells_contents_and_shows_how_a_text_changed(
    people: People, sdk: Kanban, own: Board, ticket: Ticket
) -> None:
    sdk.tickets.link(ticket.id, add=["https://example.com/1"])
    sdk.tickets.edit(ticket.id, description="- [ ] one\n- [x] three", labels=["api"])
    sdk.boards.edit(own.id, require=["criteria"])
    sdk.boards.edit_column(own.id, own.column_settings[1].id, limit=3)
    for target in ("In Progress", "Blocked", "Done"):
        sdk.tickets.move(ticket.id, target)
    for n in range(110):
        sdk.comments.add(ticket.id, f"comment {n}")
    page = people.open(f"/board/{own.id}/ticket/{ticket.id}")
    lines = panel(page).locator(".activity-line")
    panel(page).get_by_role("button", name="earlier").click()
    expect(lines.filter(has_text="link https://example.com/1 added")).to_be_visible()
    changed = lines.filter(has_text="label api added")
    changed.locator("summary").click()
    expect(changed.locator(".diff-line.removed").first).to_contain_text("two")
    expect(changed.locator(".diff-line.added")).to_contain_text("three")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    activity = page.get_by_role("complementary", name="Activity")
    activity.get_by_role("button", name="Show older").click()
    expect(activity).to_contain_text("moved #" + str(ticket.id) + " Fix it from Not Started to Done (3 moves)")
    expect(activity).to_contain_text("changed the board: require to criteria")
    expect(activity).to_contain_text("limit of In Progress to 3")
    expect(page.locator("body")).not_to_contain_text("[object")


def test_a_draft_belongs_to_its_user_and_goes_with_the_session(known_people: People, guarded: Guarded) -> None:
    token = guarded.person("Dee")
    board = guarded.board(token, "Hers")
    ticket = guarded.ticket(token, board, title="one")
    page = known_people.open(f"/login?next=/board/{board}/ticket/{ticket}", "x")
    page.get_by_label("Your token").fill(token)
    page.get_by_role("button", name="Log in").click()
    comment = page.get_by_label("Write a comment")
    comment.fill("secret thoughts")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))") == [
        f"draft:Dee:{ticket}:comment"
    ]
    page.get_by_role("button", name="You are Dee").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Your token")).to_be_visible()
    assert "secret thoughts" not in page.evaluate("JSON.stringify(localStorage)")
    other = guarded.person("Eli")
    guarded.member(guarded.root, board, "Eli")
    page.goto(f"/login?next=/board/{board}/ticket/{ticket}")
    page.get_by_label("Your token").fill(other)
    page.get_by_role("button", name="Log in").click()
    expect(comment).to_have_value("")
    expect(card(page, "one")).to_be_visible()
