"""The moving picture of the README shows what the commands print today."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.docs.blocks import ROOT

PICTURE = ROOT / "docs" / "images" / "run.svg"
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "rect", "line", "circle", "text"}


@pytest.fixture(scope="module")
def recorder() -> ModuleType:
    path = ROOT / "docs" / "images" / "record.py"
    spec = importlib.util.spec_from_file_location("record", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["record"] = module
    spec.loader.exec_module(module)
    return module


def lines(svg: str) -> list[str]:
    """Return the lines of a picture, without times."""
    texts = [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    return [re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d:\d\d:\d\d|\d+m left", "TIME", text) for text in texts]


def test_the_picture_is_small_and_loads_and_runs_nothing() -> None:
    svg = PICTURE.read_text()
    assert len(svg) < 16 * 1024
    assert {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()} <= ELEMENTS
    assert not re.search(r"url\(|@import|href|script", svg)
    assert "prefers-reduced-motion" in svg


@pytest.mark.slow
def test_the_picture_is_of_what_the_commands_print_today(recorder: ModuleType) -> None:
    assert lines(recorder.picture(recorder.record())) == lines(PICTURE.read_text())
