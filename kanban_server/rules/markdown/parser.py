"""Markdown as a tree that a page can build without parsing HTML: known elements, harmless attributes, texts.

Parsed with markdown-it-py (CommonMark with tables and strikethrough, no HTML). A text that would take too long to
parse, or would become too large a tree, is shown as written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Node = dict[str, Any] | str
"""A text, or `{tag, attrs?, children}`."""

TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("code", "em", "strong", "s", "a", "br", "input", "img"),
}
SCHEMES = frozenset({"http", "https", "mailto"})
MAX_DEPTH = 50
"""Maximum nesting of elements; deeper content goes into the innermost of them."""
MAX_STEPS = 80_000
"""Maximum lines and positions that the parser may visit. 64 KiB full of marks take 40,000."""
MAX_TOKENS = 40_000
"""Maximum tokens of a text."""

_ADDRESS = re.compile(r"https?://[^\s<>]+")
FILE_PATH = re.compile(r"/api/tickets/[0-9]{1,15}/files/[^/?#\s]+")
"""The address of a file of a ticket on this server, as texts name it."""
_TASK = re.compile(r"\[([ xX])\] ")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}", re.ASCII)


def parse_markdown(text: str) -> list[Node]:
    """The nodes of a Markdown text."""
    try:
        tokens = _parser().parse(text, {"steps": MAX_STEPS})
    except _TooComplex:
        return [{"tag": "pre", "children": [text]}]
    builder = _TreeBuilder()
    builder.add(tokens)
    return builder.nodes


class _TooComplex(Exception):
    """The text takes too long to parse, has too many tokens, or is nested too deeply."""


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # imported with the first text: it takes 80 ms

    def count(state: Any, *_: Any) -> bool:
        """A rule that never matches, and counts how often it is called."""
        state.env["steps"] -= 1
        if state.env["steps"] < 0 or len(state.tokens) > MAX_TOKENS:
            raise _TooComplex
        return False

    def count_block(state: Any, *_: Any) -> bool:
        if state.level >= state.md.options.maxNesting - 2:  # in the next list the parser would drop the rest
            raise _TooComplex
        return count(state)

    def count_skipped(state: Any) -> None:
        count(state)
        skip(state)

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    everywhere = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "count", count_block, everywhere)  # type: ignore[arg-type]
    parser.inline.ruler.before("text", "count", count)
    skip, parser.inline.skipToken = parser.inline.skipToken, count_skipped  # type: ignore[method-assign]
    return parser


class _TreeBuilder:
    """Builds a tree from opening and closing tokens."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._open: list[tuple[str, list[Node]]] = [("", self.nodes)]
        """The open elements, with their children. An element that is not shown has the children list of its parent."""
        self._links = 0

    def add(self, tokens: Iterable[Token]) -> None:
        """Add tokens, in order."""
        for token in tokens:
            if token.type == "inline":
                self._add_line(token.children or [])
            elif token.nesting == 1:
                self._begin(token)
            elif token.nesting == -1:
                self._end(token)
            else:
                self._open[-1][1].extend(self._leaf(token))

    def _add_line(self, tokens: list[Token]) -> None:
        open_tags = [tag for tag, _ in self._open[-2:]]
        if tokens and (open_tags[-1] == "li" or open_tags == ["li", "p"]) and (task := _TASK.match(tokens[0].content)):
            checked = {"checked": True} if task[1] != " " else {}
            self._open[-1][1].append(_element("input", {"type": "checkbox", "disabled": True, **checked}))
            tokens[0].content = tokens[0].content[task.end() :]
        self.add(tokens)

    def _begin(self, token: Token) -> None:
        tag, children = self._open[-1]
        attributes = _attributes(token)
        if attributes is not None and len(self._open) <= MAX_DEPTH:
            node = _element(token.tag, attributes)
            children.append(node)
            tag, children = token.tag, node["children"]
        self._open.append((tag, children))
        self._links += token.type == "link_open"

    def _end(self, token: Token) -> None:
        self._open.pop()
        self._links -= token.type == "link_close"

    def _leaf(self, token: Token) -> Iterator[Node]:
        if token.type == "text" and not self._links:
            yield from _linkify(token.content)
        elif token.type in {"fence", "code_block"}:
            language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
            attributes = {"lang": language} if _LANGUAGE.fullmatch(language) else {}
            yield _element("pre", {}, _element("code", attributes, token.content))
        elif token.type == "code_inline":
            yield _element("code", {}, token.content)
        elif token.type == "image":
            yield _image(str(token.attrs["src"]), token.content)
        elif token.type == "softbreak":
            yield "\n"
        elif token.type in {"hardbreak", "hr"}:
            yield _element(token.tag)
        elif token.content:
            yield token.content


def _element(tag: str, attributes: dict[str, Any] | None = None, *children: Node) -> dict[str, Any]:
    assert tag in TAGS, tag
    return (
        {"tag": tag, "attrs": attributes, "children": [*children]}
        if attributes
        else {"tag": tag, "children": [*children]}
    )


def _attributes(token: Token) -> dict[str, object] | None:
    """The attributes of a displayed element; None if it is not displayed."""
    if token.hidden:
        return None
    if token.type == "link_open":
        return _link_attributes(str(token.attrs["href"]), token.attrs.get("title"))
    if token.type == "ordered_list_open" and "start" in token.attrs:
        return {"start": token.attrs["start"]}
    if "style" in token.attrs:
        return {"align": str(token.attrs["style"]).removeprefix("text-align:")}
    return {}


def _link_attributes(address: str, title: object = None) -> dict[str, object] | None:
    """The attributes of a link; None unless it leads to the web, to a mailbox, or to a file of a ticket."""
    if FILE_PATH.fullmatch(address):
        return {"href": address, **({"title": title} if title else {})}
    try:
        if urlsplit(address).scheme not in SCHEMES:
            return None
    except ValueError:
        return None
    return {"href": address, "rel": "noopener nofollow", **({"title": title} if title else {})}


def _image(address: str, text: str) -> Node:
    """A picture among the files of a ticket. Any other is a link, so that reading a text tells nobody elsewhere."""
    if FILE_PATH.fullmatch(address):
        return _element("img", {"src": address, "alt": text})
    return _link(address, text) or text


def _link(address: str, text: str = "") -> Node | None:
    attributes = _link_attributes(address)
    return attributes and _element("a", attributes, text or address)


def _linkify(text: str) -> Iterator[Node]:
    """A text with its bare web addresses as links."""
    end = 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?'\")]}")
        if link := _link(address):
            yield from (text[end : match.start()],) if match.start() > end else ()
            yield link
            end = match.start() + len(address)
    if end < len(text):
        yield text[end:]
