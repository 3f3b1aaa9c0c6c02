"""The descriptions pass openapi-spec-validator and Redocly, and what docs/clients.md says works."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contracts.node import npm_packages
from tests.docs.blocks import blocks, shell
from tests.server.rest import done, new_ticket
from tests.support.servers import Server


def test_the_openapi_description_is_valid(rest: httpx.Client) -> None:
    OpenAPIV31SpecValidator(done(rest.get("/openapi.json"))).validate()


@pytest.mark.slow
def test_the_descriptions_pass_redoclys_recommended_rules(rest: httpx.Client, tmp_path: Path) -> None:
    redocly = npm_packages(tmp_path, "@redocly/cli") / "redocly"
    for name in ("openapi.json", "asyncapi.json"):
        (tmp_path / name).write_text(rest.get(f"/{name}").text)
        command = [str(redocly), "lint", "--extends", "recommended", "--format", "json", name]
        linted = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert json.loads(linted.stdout)["problems"] == [], name
        assert linted.returncode == 0, linted.stderr


def test_the_command_of_the_page_about_clients_works(server: Server, rest: httpx.Client, tmp_path: Path) -> None:
    new_ticket(rest, 1, "Claimed with curl")
    (command,) = blocks("docs/clients.md", "sh")
    process = shell(command, tmp_path, KANBAN_URL=server.url)
    assert process.returncode == 0, process
    assert json.loads(process.stdout)["ticket"]["lease"]["holder"] == "eve"
