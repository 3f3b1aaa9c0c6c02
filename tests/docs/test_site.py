"""The site of the documentation is built without a warning, has no broken link, and loads nothing from other hosts."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.docs import reference
from tests.docs.site import PROJECT_PAGES, ROOT, BuildError, broken_links, build
from tests.support.browser import required_browser

GOOD = '<h1 id="top">One</h1><a href="two.html#there">two</a><a href="https://example.org/x">away</a>'
TWO = '<h1 id="there">Two</h1><script src="own.js"></script>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from this tree."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of a server of static files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_request(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def page(pytestconfig: pytest.Config) -> Iterator[Page]:
    """A page of Chromium; skips where the machine has none."""
    browser = required_browser(pytestconfig)
    with browser.awake() as awake:
        yield awake.new_page()
    browser.close()


@pytest.mark.slow
def test_every_page_is_on_the_site_in_the_navigation_and_beside_it_as_markdown(site: Path) -> None:
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").glob("decisions/*.md")]
    pages += [path.name for path in (ROOT / "docs").glob("*.md")]
    pages += [name.lower() for name in PROJECT_PAGES] + [f"reference/{name}" for name in reference.PAGES]
    navigation = (site / "agents.html").read_text() + (site / "people.html").read_text()
    for page in pages:
        html = page.replace("README.md", "index.md").removesuffix(".md") + ".html"
        assert (site / page).read_text().startswith("# "), page
        assert (site / html).is_file(), page
        assert f'href="./{html}"' in navigation, page
    assert (site / "llms.txt").read_text() == (site / "index.md").read_text()


@pytest.mark.slow
def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "docs", tree / "docs")
    for name in PROJECT_PAGES:
        shutil.copyfile(ROOT / name, tree / name)
    page = tree / "docs" / "glossary.md"
    page.write_text(page.read_text() + "\n[nowhere](nowhere.md)\n")
    with pytest.raises(BuildError, match="page does not exist"):
        build(tmp_path / "site", tree)
    assert not (tmp_path / "site").exists()


@pytest.mark.slow
def test_the_pages_load_nothing_from_other_hosts_and_the_search_finds_words(address: str, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for name in ("index", "architecture", "people", "reference/http", "decisions/index"):
        page.goto(f"{address}/{name}.html")
        page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.type("fencing")
    page.get_by_text("Glossary").last.wait_for()
    assert requests
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (GOOD, None),
        (GOOD.replace("two.html", "three.html"), "one.html: no file three.html#there"),
        (GOOD.replace("#there", "#here"), "one.html: no heading two.html#here"),
        (GOOD + '<img src="lost.png">', "one.html: no file lost.png"),
        (GOOD + '<script src="https://cdn.example/x.js"></script>', "one.html: loads https://cdn.example/x.js"),
        (GOOD + '<link rel="stylesheet" href="//fonts.example/x">', "one.html: loads //fonts.example/x"),
    ],
)
def test_the_check_finds_links_to_nothing_and_files_of_other_hosts(
    one: str, problem: str | None, tmp_path: Path
) -> None:
    (tmp_path / "one.html").write_text(one)
    (tmp_path / "two.html").write_text(TWO)
    (tmp_path / "own.js").write_text("")
    assert broken_links(tmp_path) == ([problem] if problem else [])
