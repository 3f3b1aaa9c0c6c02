"""Build the site of the documentation: `scripts/site` writes it to `site/`, which is not committed.

The pages of `docs/` and of the reference are copied into a folder, with links that leave `docs/` led to the
repository. Zensical makes the site from it. Each page is there as Markdown too, and `llms.txt` lists them.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kanban_server.http.markdown_links import REPOSITORY, replace_links
from tests.docs import reference

ROOT = Path(__file__).parents[2]
PROJECT_PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "SUPPORT.md")
"""Pages at the root of the repository that are pages of the site too."""
LISTED = re.compile(r"^- \[([^\]]+)\]\(([^)]+)\)", re.MULTILINE)
Navigation = list[dict[str, "str | Navigation"]]


class BuildError(Exception):
    """The site can't be built, or has a broken link."""


def build(target: Path, root: Path = ROOT) -> None:
    """Build the site of a source tree into a folder, which is replaced. Raises BuildError."""
    with tempfile.TemporaryDirectory(prefix="kanban-site-") as name:
        source = Path(name)
        pages = _copy_pages(root, source / "docs")
        (source / "zensical.toml").write_text(_settings(source / "docs"), encoding="utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
        process = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300, check=False)
        if process.returncode or not (source / "site" / "index.html").is_file():
            raise BuildError(process.stdout + process.stderr)
        for page, text in pages.items():
            (source / "site" / page).write_text(text, encoding="utf-8")
        shutil.copyfile(source / "site" / "index.md", source / "site" / "llms.txt")
        if problems := broken_links(source / "site"):
            raise BuildError("\n".join(problems))
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(source / "site", target)


def _copy_pages(root: Path, folder: Path) -> dict[str, str]:
    """Copy all pages and pictures into a folder; return the pages' texts, by their paths.

    Diagrams become plain text: the theme would load a program from another host to draw them.
    """
    shutil.copytree(root / "docs", folder, ignore=shutil.ignore_patterns("reference", "*.py", "__pycache__"))
    for name in PROJECT_PAGES:
        shutil.copyfile(root / name, folder / name.lower())
    reference.write(folder / "reference")
    pages = {}
    for path in sorted(folder.rglob("*.md")):
        page = path.relative_to(folder).as_posix()
        pages[page] = _with_links(path.read_text(encoding="utf-8"), page)
        path.write_text(pages[page].replace("\n```mermaid\n", "\n```text\n"), encoding="utf-8")
    return pages


def _with_links(text: str, page: str) -> str:
    """The page with links to pages of the site, or to the repository. A page of the root has moved into `docs/`."""
    is_from_root = page.upper().removesuffix(".MD") + ".md" in PROJECT_PAGES

    def link_to(path: str, fragment: str) -> str:
        place = posixpath.dirname(page) if is_from_root else posixpath.join("docs", posixpath.dirname(page))
        linked = posixpath.normpath(posixpath.join(place, path))
        if linked in PROJECT_PAGES:
            return posixpath.relpath(linked.lower(), posixpath.dirname(page) or ".") + fragment
        if linked.startswith("docs/") and not linked.endswith(".py"):
            return posixpath.relpath(linked.removeprefix("docs/"), posixpath.dirname(page) or ".") + fragment
        return f"{REPOSITORY}/{linked}{fragment}"

    return replace_links(text, link_to)


def _settings(docs: Path) -> str:
    """The settings of Zensical, with the navigation: what docs/index.md lists, the reference, the decisions."""
    navigation: Navigation = [{"Home": "index.md"}]
    for section in (docs / "index.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        navigation.append({heading: [{title: path} for title, path in LISTED.findall(body)]})
    navigation.append(
        {"Reference": [{_title(docs / "reference" / name): f"reference/{name}"} for name in reference.PAGES]}
    )
    decisions = sorted(path.name for path in (docs / "decisions").glob("0*.md"))
    listed: Navigation = [{_title(docs / "decisions" / name): f"decisions/{name}"} for name in decisions]
    navigation.append({"Decisions": [{"Overview": "decisions/README.md"}, *listed]})
    navigation.append({"Project": [{_title(docs / name.lower()): name.lower()} for name in PROJECT_PAGES]})
    nav = json.dumps(navigation).replace('": ', '" = ')  # TOML's inline tables
    return (ROOT / "zensical.toml").read_text(encoding="utf-8").replace("[project]\n", f"[project]\nnav = {nav}\n", 1)


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").replace("`", "")


class _Page(HTMLParser):
    """The ids, the links and the loaded files of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the tag names."""
        values = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := values.get(key))}
        is_loaded = tag != "link" or not {"canonical", "next", "prev", "alternate"} & set(
            (values.get("rel") or "").split()
        )
        for key in ("href", "src"):
            if value := values.get(key):
                (self.loaded if tag != "a" and is_loaded else self.links).append(value)


def broken_links(site: Path) -> list[str]:
    """Return what is wrong: links to files or headings that are not there, and files loaded from other hosts."""
    pages: dict[Path, _Page] = {}
    for path in site.rglob("*.html"):
        pages[path.resolve()] = parsed = _Page()
        parsed.feed(path.read_text(encoding="utf-8"))
    problems = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue  # its links are from the root of a host
        name = path.relative_to(site.resolve())
        problems += [f"{name}: loads {link}" for link in page.loaded if urlsplit(link).netloc]
        for link in (
            link for link in page.links + page.loaded if not urlsplit(link).scheme and not urlsplit(link).netloc
        ):
            parts = urlsplit(link)
            linked = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            linked = linked / "index.html" if linked.is_dir() else linked
            if not linked.is_file():
                problems.append(f"{name}: no file {link}")
            elif parts.fragment and linked in pages and unquote(parts.fragment) not in pages[linked].ids:
                problems.append(f"{name}: no heading {link}")
    return problems


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    try:
        build(folder)
    except BuildError as error:
        sys.exit(str(error))
    print(f"{folder}: {len(list(folder.rglob('*.html')))} pages")
