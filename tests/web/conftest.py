"""People in front of real browsers, at a server over SQLite: what a browser shows is the same over any database."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from kanban_sdk import Board, Kanban
from tests.support.browser import Chromium, People, required_browser
from tests.support.databases import Databases
from tests.support.people import Guarded
from tests.support.servers import Server, running
from tests.web import axe


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Chromium]:
    """One browser for all tests; skips where the machine has none."""
    browser = required_browser(pytestconfig)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(databases: Databases, pytestconfig: pytest.Config) -> Server:
    """A server that all tests share: use a board of your own, and do not stop it."""
    return databases.server("sqlite", pytestconfig)


@pytest.fixture
def own_site(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server of one's own, to kill and start again."""
    with running(databases.make("sqlite", pytestconfig)) as server:
        yield server


@pytest.fixture
def people(browser: Chromium, site: Server) -> Iterator[People]:
    """Opens pages of the shared server: `people.open("/board/1", "ada")`. Fails where a page had an error."""
    yield from _people(browser, site)


@pytest.fixture
def own_people(browser: Chromium, own_site: Server) -> Iterator[People]:
    """Opens pages of a server of one's own, which may be taken away."""
    yield from _people(browser, own_site, outages=True)


@pytest.fixture(scope="session")
def guarded(databases: Databases, pytestconfig: pytest.Config) -> Guarded:
    """A server with users."""
    return databases.guarded("sqlite", pytestconfig)


@pytest.fixture
def known_people(browser: Chromium, guarded: Guarded) -> Iterator[People]:
    """Opens pages of a server with users; nobody is logged in."""
    yield from _people(browser, guarded.server)


def _people(browser: Chromium, server: Server, *, outages: bool = False) -> Iterator[People]:
    with browser.awake() as awake:
        people = People(awake, server.url)
        people.outages = outages
        try:
            yield people
            assert people.faults() == []
        finally:
            people.close()


@pytest.fixture
def sdk(site: Server) -> Iterator[Kanban]:
    """Grace's client, to make quickly what a test begins with, and to change what a page shows."""
    with site.kanban("grace") as kanban:
        yield kanban


@pytest.fixture
def own(sdk: Kanban, request: pytest.FixtureRequest) -> Board:
    """A board of one's own, with the usual columns."""
    return sdk.boards.create(request.node.name[:100])


@pytest.fixture(scope="session")
def rest(site: Server) -> Iterator[httpx.Client]:
    """The shared server over bare HTTP; nobody is named."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def axe_source(pytestconfig: pytest.Config) -> str:
    """axe's source; skips where it was not installed."""
    if not axe.PATH.is_file() and pytestconfig.getoption("--browser"):
        pytest.fail("axe is required, and missing: npm install --no-save")
    if not axe.PATH.is_file():
        pytest.skip("axe: not installed (scripts/test --browser installs it)")
    return axe.PATH.read_text()


@pytest.fixture
def check(axe_source: str) -> Iterator[axe.Check]:
    """Looks at a page with axe: `check(page, "inbox")`. The test fails at its end with all that was found.

    Open the page with `bypass_csp=True`: axe styles what it measures.
    """
    check = axe.Check(axe_source)
    yield check
    assert not check.found, "\n".join(check.found)
