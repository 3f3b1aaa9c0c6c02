"""Whatever stands in a text, a page shows it as text: no script runs, no dialog opens, no policy is broken."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.server.rest import Json, done, new_board
from tests.support.browser import People

RUN = "window.hacked=1,alert(1)"
HOSTILE = [
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>", f"<body onload={RUN}>",
    f"<iframe src=javascript:{RUN}>", f"<a href=javascript:{RUN}>a</a>", f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>", f"<video><source onerror={RUN}>", f"<math><mtext><img src onerror={RUN}>",
    "<object data=//x.example>", "<embed src=//x.example>", "<base href=//x.example>", "<link rel=stylesheet href=//x>",
    "<meta http-equiv=refresh content=0;//x.example>", "<form action=//x.example><button>a", "<style>*{top:0}</style>",
    "<template><script>1</script></template>", "<noscript><p title=</noscript><img src=x onerror=alert(1)>", "<!--",
    "]]>", "</title><script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>", "</script>", "<b>bold</b>",
    f"[a](javascript:{RUN})", f"[a](&#106;avascript:{RUN})", "![a](//x.example/pixel.png)", f"<javascript:{RUN}>",
    "[a](data:text/html,<script>alert(1)</script>)", "[a]: javascript:alert(1)", "[a](vbscript:x)", "[a](//x.example)",
    "`<img src=x onerror=alert(1)>`", "```<script>alert(1)</script>```", f'" onmouseover="{RUN}', f"' onclick='{RUN}",
    f"`${{{RUN}}}`", f"${{{RUN}}}", f"{{{{constructor.constructor('{RUN}')()}}}}", f"javascript:{RUN}",
    f"';{RUN};//", f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e", "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;img src=x onerror=alert(1)&#62;", "＜script＞alert(1)＜/script＞",
    "\u202ecod.exe", "a\u200bb\u200dc", "é" + "\u0301" * 30, "\ufeff<b>", "🏴‍☠️👩‍👩‍👧", "W" * 120, "ﷺ" * 40,
    "constructor", "__proto__", "toString", "hasOwnProperty", "null", "undefined", "NaN", "[object Object]",
]  # fmt: skip
"""More than sixty."""


@pytest.fixture
def board(rest: httpx.Client) -> Json:
    """A board with a hostile text in every field that takes one."""
    columns = ["Todo", *(text for text in HOSTILE[::2] if len(text) <= 50 and "_" not in text)][:20]
    board = new_board(rest, HOSTILE[0], description="\n\n".join(HOSTILE), columns=columns)
    tickets = [
        {
            "source_id": text,
            "title": text,
            "description": text,
            "acceptance_criteria": f"- [ ] {text}",
            "labels": [text[:50]],
            "assignee": text[:64],
            "created_by": text[:64],
            "current_column": "Todo",
            "comments": [{"text": text, "author": text[:64]}],
        }
        for text in HOSTILE
    ]
    board["tickets"] = done(rest.post(f"/api/boards/{board['id']}/import", json={"tickets": tickets}))["ids"]
    return board


def act(rest: httpx.Client, board: Json) -> int:
    """Hostile users do something of everything with one ticket, which has all the texts in its own; its id."""
    ticket = int(board["tickets"][HOSTILE[1]])

    def say(method: str, path: str, by: str, **body: object) -> None:
        headers = {"X-Kanban-User": quote(by[:64])}
        answer = rest.request(method, path, json=body or None, headers=headers)
        assert answer.status_code < 300, answer.text

    for text, column in zip(HOSTILE, board["columns"], strict=False):
        say("POST", f"/api/tickets/{ticket}/move", text, column=column)
    for text in HOSTILE:
        say("POST", "/api/comments", text, ticket_id=ticket, text=text)
        say("PATCH", f"/api/tickets/{ticket}", text, title=text, assignee=text[:64], labels=[text[:50]])
    say("PATCH", f"/api/tickets/{ticket}", HOSTILE[2], description="\n\n".join(HOSTILE), title=HOSTILE[1])
    say("POST", f"/api/tickets/{ticket}/claim", HOSTILE[1])
    return ticket


FOUND = """() => ({
  made: [...document.querySelectorAll("script:not([src]), :is(body, main) :is(iframe, object, embed, img, video, base, "
    + "meta, link, style, template, form[action])")].map((one) => one.outerHTML),
  listens: [...document.querySelectorAll("*")]
    .flatMap((one) => one.getAttributeNames()).filter((name) => /^on/.test(name)),
  schemes: [...new Set([...document.querySelectorAll("a")].map((link) => link.protocol))],
  hacked: typeof hacked,
})"""


def harmless(page: Page) -> None:
    """Nothing that a text could have made is on the page, and no link leads where code could be."""
    found = page.evaluate(FOUND)
    assert set(found.pop("schemes")) <= {"http:", "https:", "mailto:", ":"}
    assert found == {"made": [], "listens": [], "hacked": "undefined"}


def test_hostile_texts_are_shown_as_they_are(people: People, rest: httpx.Client, board: Json) -> None:
    page = people.open("/", HOSTILE[3][:30])
    tile = page.locator(".tile").filter(has=page.locator(f"a[href$='/board/{board['id']}']"))
    expect(tile.get_by_role("heading")).to_have_text(HOSTILE[0])
    expect(tile).to_contain_text(HOSTILE[24])
    harmless(page)

    page.goto(f"/board/{board['id']}")
    expect(page.locator("h1")).to_have_text(HOSTILE[0])
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("a")
    watcher = people.open(f"/board/{board['id']}", HOSTILE[1][:30])
    ticket = act(rest, board)
    expect(page.locator(".activity li").first).to_contain_text(HOSTILE[1][:64])
    shown: set[str] = set()
    for _ in range(40):
        shown |= set(page.locator(".card-link").all_text_contents())
        if len(shown) >= len(HOSTILE):
            break
        page.locator(".cards-scroller").first.evaluate("one => one.scrollBy(0, 400)")
    for text in HOSTILE:
        assert any(text in one for one in shown), text
    harmless(page)

    for one in (page, watcher):
        one.goto(f"/board/{board['id']}/ticket/{ticket}")
        expect(one.locator("ticket-panel")).to_contain_text(HOSTILE[24])
        expect(one.locator("ticket-panel .story")).to_contain_text(HOSTILE[-1])
        harmless(one)
    page.goto(f"/board/{board['id']}/figures")
    expect(page.locator(".chart").first.locator("th").nth(1)).to_have_text("Todo")
    harmless(page)
