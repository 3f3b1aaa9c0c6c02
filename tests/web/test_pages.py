"""The board in a browser, as the server hands it out."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import expect

import kanban_server
from tests.server.rest import problem
from tests.support.browser import People
from tests.support.databases import Databases
from tests.support.servers import Server, running

WEB = Path(kanban_server.__file__).parent / "web"
ADDRESSES = ("/", "/board/2", "/board/2/", "/board/2/ticket/12", "/board/2/figures", "/login", "/join", "/profile",
             "/board/2/team", "/board/2/agents", "/board/2/archive", "/inbox", "/my-work", "/users")  # fmt: skip


def linked(page: httpx.Response, address: str) -> list[str]:
    """The addresses of the files that a page at this address loads."""
    assert page.headers["content-type"] == "text/html; charset=utf-8", page.text
    return [urljoin(address, link) for link in re.findall(r'(?:src|href)="([^"]+)"', page.text)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_of_the_board_is_the_page_and_finds_its_files_under_any_prefix(
    rest: httpx.Client, address: str
) -> None:
    links = linked(rest.get(address), f"http://proxy.example/some/prefix{address}")
    assert len(links) >= 1
    for link in links:
        assert link.startswith("http://proxy.example/some/prefix/web/"), link
        assert rest.get(link.removeprefix("http://proxy.example/some/prefix")).status_code == 200, link


def test_a_prefix_may_be_left_on_by_the_proxy_or_taken_off(databases: Databases, pytestconfig: pytest.Config) -> None:
    with running(databases.make("sqlite", pytestconfig), KANBAN_PREFIX="/team/kanban/") as own:
        with httpx.Client(base_url=own.url) as client:
            for address in ("/team/kanban/", "/team/kanban/board/1", "/", "/board/1"):
                for link in linked(client.get(address), address):
                    assert client.get(link).status_code == 200, (address, link)
            assert client.get("/team/kanban/api/boards").json() == client.get("/api/boards/").json() != []
            docs = client.get("/team/kanban/docs").text
            assert all(link.startswith("/team/kanban/") for link in re.findall(r'(?:href|src)="([^"]+)"', docs))


def test_every_file_has_its_type_and_the_policy_and_is_asked_for_each_time(rest: httpx.Client) -> None:
    types = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
             ".png": "image/png", ".webmanifest": "application/manifest+json"}  # fmt: skip
    files = [path for path in WEB.rglob("*") if path.is_file()]
    assert files
    for path in files:
        answer = rest.get(f"/web/{path.relative_to(WEB).as_posix()}")
        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].partition(";")[0] == types[path.suffix], path
        safe(answer)
        again = rest.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        safe(again)
    page = rest.get("/board/1")
    safe(page)
    assert rest.get("/board/1", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert rest.get("/board/1/ticket/1", headers={"If-None-Match": page.headers["etag"]}).status_code == 200


def test_all_style_sheets_come_in_one_answer(rest: httpx.Client) -> None:
    answer = rest.get("/web/styles/joined.css")
    safe(answer)
    assert "@import" not in answer.text
    for path in WEB.rglob("*.css"):
        rule = next((line for line in path.read_text().splitlines() if line.endswith("{") and line[0] in ".#"), "")
        assert rule in answer.text, path


def safe(answer: httpx.Response) -> None:
    """Nothing but our own files may run, and what is kept is asked for again."""
    headers = answer.headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["", "../settings.py", "%2e%2e/settings.py", "..%2f..%2fREADME.md", "/etc/passwd", "%2Fetc%2Fpasswd", "missing.js",
     "..\\settings.py", "x" * 5000, "%ff%fe", "app.js/x", "%2e"],
)  # fmt: skip
def test_nothing_but_the_files_of_the_page_is_handed_out(site: Server, path: str) -> None:
    with httpx.Client() as client:
        request = httpx.Request("GET", site.url)
        request.url = request.url.copy_with(raw_path=f"/web/{path}".encode())  # as it stands: httpx would tidy it
        problem(client.send(request), "not-found")


def test_the_page_only_takes_get_and_head(rest: httpx.Client) -> None:
    assert rest.head("/board/1").status_code == rest.head("/web/app.js").status_code == 200
    for address in ("/", "/board/1", "/web/app.js"):
        assert "GET" in problem(rest.post(address), "method-not-allowed")["allow"]


@pytest.mark.slow
def test_the_description_of_the_interface_works_under_its_policy(people: People) -> None:
    page = people.open("/docs")
    page.get_by_text("/api/tickets/{ticket_id}/move").first.click()
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_role("button", name="Execute")).to_be_visible()
