"""The server has the documentation as Markdown: `/llms.txt` lists the pages, `/help/NAME.md` is one."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.docs.blocks import ROOT
from tests.server.rest import problem
from tests.support.databases import Databases
from tests.support.servers import running

PAGES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
ON_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""The pages are files: no database is used."""
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(rest: httpx.Client, path: str) -> str:
    response = rest.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    return response.text


@ON_SQLITE
def test_llms_txt_lists_every_page_and_its_links_work(rest: httpx.Client) -> None:
    text = text_of(rest, "/llms.txt")
    assert text.startswith("# Agent Kanban\n\n> ")
    links = LINK.findall(text)
    assert sorted(link.removeprefix("/help/") for link in links) == [name for name in PAGES if name != "index.md"]
    assert text_of(rest, "/help") == text_of(rest, "/help/") == text_of(rest, "/help/index.md") == text


@ON_SQLITE
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_file_and_its_links_lead_to_pages_or_to_the_repository(rest: httpx.Client, name: str) -> None:
    text = text_of(rest, f"/help/{name}")
    assert text.splitlines()[0] == (ROOT / "docs" / name).read_text().splitlines()[0]
    assert text == text_of(rest, f"/help/{name.removesuffix('.md')}")
    for link in (link.partition("#")[0] for link in LINK.findall(text)):
        if link.startswith("/"):
            assert rest.get(link).status_code == 200, link
        else:
            assert not link or link.startswith("https://"), link


@ON_SQLITE
def test_a_reader_who_has_a_page_is_told_so(rest: httpx.Client) -> None:
    first = rest.get("/help/agents.md")
    again = rest.get("/help/agents.md", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = rest.get("/help/people.md", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert first.headers["x-content-type-options"] == "nosniff"


@ON_SQLITE
@pytest.mark.parametrize(
    "path",
    ["nothing", "../README.md", "..%2FREADME.md", "%2e%2e%2fpyproject.toml", "images%2Fmake.py", "decisions",
     "%2Fetc%2Fpasswd", "decisions/README.md", ".md", "x" * 3000],
)  # fmt: skip
def test_nothing_but_a_page_is_served(rest: httpx.Client, path: str) -> None:
    problem(rest.get(f"/help/{path}"), "not-found")


def test_links_have_the_prefix_of_the_server(databases: Databases, pytestconfig: pytest.Config) -> None:
    with running(databases.make("sqlite", pytestconfig), KANBAN_PREFIX="/team") as own, httpx.Client() as client:
        text = client.get(f"{own.url}/team/llms.txt").text
        assert "](/team/help/agents.md)" in text
        assert client.get(f"{own.url}/team/help/agents.md").status_code == 200


@ON_SQLITE
def test_pages_are_only_read(rest: httpx.Client) -> None:
    assert rest.post("/help/agents.md").status_code == 405
    with httpx.Client(base_url=rest.base_url) as nobody:
        assert nobody.get("/help/agents.md").status_code == 200
