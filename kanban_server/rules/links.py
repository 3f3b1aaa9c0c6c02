"""The links of a ticket: commits, pull requests and other addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kanban_sdk.wire import limits
from kanban_sdk.wire.tickets import Link
from kanban_server.rules.actors import has_control_characters
from kanban_server.rules.problems import Refusal

_HASH = re.compile(r"[0-9a-fA-F]{7,64}", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#]+(?P<path>[^\s?#]*)\S*", re.IGNORECASE)
_PULL_REQUEST = re.compile(r"/(pull|pulls|pull-requests|merge_requests)/[0-9]+(/|$)", re.ASCII)
_COMMIT = re.compile(r"/commits?/[0-9a-fA-F]{7,64}(/|$)", re.ASCII)


def parse_link(text: str) -> Link:
    """Parse a link and infer its kind. Refused: `invalid-request`, if it is no http(s) address or commit hash."""
    ref = text.strip()
    if len(ref) > limits.LINK_CHARACTERS:
        detail = f"The link has {len(ref)} characters; {limits.LINK_CHARACTERS} is the most."
        raise Refusal("invalid-request", detail, fix="Shorten it.", field="add", limit=limits.LINK_CHARACTERS)
    if _HASH.fullmatch(ref):
        return Link("commit", ref)
    url = _URL.fullmatch(ref)
    if url is None or has_control_characters(ref):
        detail = f"'{ref[:80]}' is neither an address nor a commit."
        raise Refusal("invalid-request", detail, fix="Send http:// or https://, or a commit's hash.", field="add")
    path = url["path"]
    kind = "pull-request" if _PULL_REQUEST.search(path) else "commit" if _COMMIT.search(path) else "url"
    return Link(kind, ref)


def parse_links(refs: Iterable[str]) -> list[Link]:
    """Links, each once, in the order given."""
    unique_links = list(dict.fromkeys(parse_link(ref) for ref in refs))
    if len(unique_links) > limits.LINKS:
        detail = f"The ticket would have {len(unique_links)} links; {limits.LINKS} is the most."
        raise Refusal("invalid-request", detail, fix="Remove some first.", limit=limits.LINKS)
    return unique_links
