"""What axe finds wrong with a page, in both themes."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.cli import ROOT

PATH = ROOT / "node_modules" / "axe-core" / "axe.min.js"

RUN = """async ([theme, within]) => {
  document.documentElement.dataset.theme = theme;
  do await new Promise(requestAnimationFrame);
  while (document.getAnimations().length); // colours pass from parent to child, a frame each
  const only = theme === "dark" ? {runOnly: ["color-contrast"]} : {};
  const above = within && document.querySelector(`:is(${within}):is(:modal, :popover-open)`);
  if (above) document.body.style.visibility = "hidden";
  if (above) above.style.visibility = "visible";
  const {violations} = await axe.run(within ?? document, {...only, resultTypes: ["violations"], preload: false});
  document.body.style.visibility = "";
  if (above) above.style.visibility = "";
  return violations;
}"""
"""What is open above the page is looked at alone: axe does not know that it is above, and would find no background.

The theme changes colours and nothing else, so that the dark one needs no second look at the rest."""


class Check:
    """Looks at a page as it is now, and remembers the serious and critical barriers in `found`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.found: list[str] = []

    def __call__(self, page: Page, what: str, within: str | None = None) -> None:
        """Look at the page, or at what a selector finds in it."""
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(self._source)
        for theme in ("dark", "light"):
            for one in page.evaluate(RUN, [theme, within]):
                if one["impact"] in {"serious", "critical"}:
                    places = "; ".join(_where(node) for node in one["nodes"][:4])
                    self.found.append(f"{what}, {theme}: {one['id']}: {places}")


def _where(node: dict[str, Any]) -> str:
    return f"{node['target']} {' '.join(node['failureSummary'].split())[:200]}"
