"""Markdown becomes a tree of known elements: whatever the text, nothing in the tree can do harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.server.rest import done, problem

TAGS = set(
    "p h1 h2 h3 h4 h5 h6 ul ol li input blockquote pre code em strong s a br hr table thead tbody tr th td".split()  # noqa: SIM905
)
ATTRIBUTES = {
    "a": {"href", "rel", "title"}, "input": {"type", "checked", "disabled"}, "ol": {"start"}, "code": {"lang"},
    "th": {"align"}, "td": {"align"},
}  # fmt: skip
SIZE = 64 * 1024
TARGETS = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)"),
    *("\x01javascript:alert(1)", "&NewLine;javascript:alert(1)", "http:javascript:alert(1)", "vbscript:msgbox(1)"),
    *("data:text/html,<script>alert(1)</script>", "data:image/svg+xml;base64,PHN2Zz4=", "view-source:http://x"),
    *("file:///etc/passwd", "blob:http://x/y", "ftp://x", "intent://x#Intent;end", "about:blank", "https://[::1"),
    *("//elsewhere.example/x", "/board/1", "#here", "?query", "mailto"),
]


def nodes(rest: httpx.Client, text: str) -> list[Any]:
    result: list[Any] = done(rest.post("/api/markdown", json={"text": text}))["nodes"]
    return result


def elements(inside: list[Any], depth: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each element with how deep it stands."""
    for node in inside:
        if not isinstance(node, str):
            yield depth, node
            yield from elements(node["children"], depth + 1)


def text_of(inside: list[Any]) -> str:
    """The text of nodes."""
    return "".join(node if isinstance(node, str) else text_of(node["children"]) for node in inside)


def drawn(inside: list[Any]) -> str:
    """Nodes as one writes them down."""
    return "".join(
        node
        if isinstance(node, str)
        else f"<{node['tag']}{''.join(f' {k}={v}' for k, v in node.get('attrs', {}).items())}>"
        + (f"{drawn(node['children'])}</{node['tag']}>" if node["children"] else "")
        for node in inside
    )


LINK = "rel=noopener nofollow"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ""),
        ("one\ntwo  \nthree\n\nfour", "<p>one\ntwo<br>three</p><p>four</p>"),
        ("# A `b`\n###### c", "<h1>A <code>b</code></h1><h6>c</h6>"),
        ("*a* **b** ~~c~~ ***", "<p><em>a</em> <strong>b</strong> <s>c</s> ***</p>"),
        ("- a\n  1. b\n\n- c", "<ul><li><p>a</p><ol><li>b</li></ol></li><li><p>c</p></li></ul>"),
        ("3. a\n4. b", "<ol start=3><li>a</li><li>b</li></ol>"),
        ("- [ ] a\n- [x] *b*\n- [y] c", "<ul><li><input type=checkbox disabled=True>a</li><li><input type=checkbox "
         "disabled=True checked=True><em>b</em></li><li>[y] c</li></ul>"),
        ("[ ] a", "<p>[ ] a</p>"),
        ("> a\n> > b\n\n---", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><hr>"),
        ("```py title\n<b>\n```\n\n    two", "<pre><code lang=py><b>\n</code></pre><pre><code>two\n</code></pre>"),
        ('```py"onload=\nx\n```', "<pre><code>x\n</code></pre>"),
        ("a|b\n:-|-:\n*1*|2", "<table><thead><tr><th align=left>a</th><th align=right>b</th></tr></thead><tbody><tr>"
         "<td align=left><em>1</em></td><td align=right>2</td></tr></tbody></table>"),
        ('[a](https://x.example/?q "t") [b](mailto:a@b.c)', f"<p><a href=https://x.example/?q {LINK} title=t>a</a> "
         f"<a href=mailto:a@b.c {LINK}>b</a></p>"),
        ("See https://x.example/a_b_c, or <http://y.example>.", f"<p>See <a href=https://x.example/a_b_c {LINK}>"
         f"https://x.example/a_b_c</a>, or <a href=http://y.example {LINK}>http://y.example</a>.</p>"),
        ("[https://x.example](http://y.example)", f"<p><a href=http://y.example {LINK}>https://x.example</a></p>"),
        ("![a cat](http://x.example/c) ![](http://x.example)", f"<p><a href=http://x.example/c {LINK}>a cat</a> "
         f"<a href=http://x.example {LINK}>http://x.example</a></p>"),
        ("<script>alert(1)</script>\n\na <b onclick=x>", "<p><script>alert(1)</script></p><p>a <b onclick=x></p>"),
        ("&lt;b&gt; &amp; \\*a\\*", "<p><b> & *a*</p>"),
    ],
)  # fmt: skip
def test_a_text_becomes_a_tree(rest: httpx.Client, text: str, tree: str) -> None:
    assert drawn(nodes(rest, text)) == tree


@pytest.mark.parametrize("form", ["[x]({})", "[x](<{}>)", "![x]({})", "<{}>", "[x][1]\n\n[1]: {}", "[x]: {}\n\n[x]"])
def test_links_lead_to_the_web_or_to_a_mailbox_and_nowhere_else(rest: httpx.Client, form: str) -> None:
    text = "\n\n".join(form.format(target).replace("[1]", f"[{n}]") for n, target in enumerate(TARGETS))
    for _, element in elements(nodes(rest, text)):
        if element["tag"] == "a":
            attributes = element["attrs"]
            assert attributes["href"].partition(":")[0].lower() in {"http", "https", "mailto"}, attributes
            assert attributes["rel"] == "noopener nofollow"


LONG = {
    part: (part * SIZE)[:SIZE]
    for part in (
        *(
            "[",
            "![",
            "[a](",
            "[a]: b\n",
            "*a **b ",
            "*a_ ",
            "`",
            ">",
            "> > > > > > > > > a\n",
            "- ",
            "- a\n",
            "|",
            "<a",
        ),
        *("<!--", "<![CDATA[", "&#", "```\n", "a\n", "# a\n", "\t", "\\", "http://", "http://....", "x@y.z "),
    )
} | {
    "a deep lazy quote": "> " * 30 + "a\n" * 30_000,
    "a wide table": "|a" * 3000 + "\n" + "|-" * 3000 + "\n" + "x\n" * 20_000,
    "a long table": "a|b\n-|-\n" + "x|y\n" * 16_000,
    "deep emphasis": "*" * 5000 + "a" + "*" * 5000,
    "deep links": "[" * 5000 + "a" + "](http://x)" * 5000,
    "deep lists": "\n".join(" " * (2 * n) + "- a" for n in range(250)),
    "ticks of all lengths": " ".join("`" * n for n in range(350)),
}


SHORT = {"![", "- a\n", "http://....", "a deep lazy quote", "deep emphasis"}
"""Those that the suite tries; scripts/faults tries all."""


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in SHORT)) for name in LONG])
def test_no_text_of_64_kib_takes_long_or_makes_a_deep_tree(rest: httpx.Client, name: str) -> None:
    answer = rest.post("/api/markdown", json={"text": LONG[name]})
    assert answer.elapsed.total_seconds() < 2
    for depth, element in elements(done(answer)["nodes"]):
        assert depth <= 50
        assert element["tag"] in TAGS
        assert element.get("attrs", {}).keys() <= ATTRIBUTES.get(element["tag"], set()), element


def test_what_takes_too_long_or_goes_too_deep_is_shown_as_it_was_written(rest: httpx.Client) -> None:
    for name in ("a wide table", "deep lists"):
        assert nodes(rest, LONG[name]) == [{"tag": "pre", "children": [LONG[name]]}]
    assert text_of(nodes(rest, LONG["deep emphasis"])) == "a"


def test_a_text_that_no_ticket_may_have_is_refused(rest: httpx.Client) -> None:
    problem(rest.post("/api/markdown", json={"text": "x" * (SIZE + 1)}), "text-too-long")
    problem(rest.post("/api/markdown", json={"text": "a\0b"}), "invalid-request")
    problem(rest.post("/api/markdown", json={}), "invalid-request")
