"""Every block of code in the documents is run by a test, or is named here with the reason why it is not."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, shell
from tests.support.servers import Server, running

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "SUPPORT.md",
    "benchmarks/README.md",
    "deploy/kubernetes/README.md",
)
RUN_BY = {
    ("README.md", "sh"): "tests/journeys/test_readme.py",
    ("README.md", "python"): "tests/journeys/test_readme.py",
    ("docs/agents.md", "sh"): "tests/docs/test_documents.py",
    ("docs/people.md", "sh"): "tests/docs/test_documents.py",
    ("docs/sdk.md", "python"): "tests/docs/test_documents.py",
    ("docs/clients.md", "sh"): "tests/contracts/test_descriptions.py",
    ("docs/webhooks.md", "python"): "tests/server/events/test_webhooks.py",
    **{(f"docs/{name}.md", language): "tests/docs/test_snippets.py" for name, language in (
        ("identity", "sh"), ("imports", "sh"), ("imports", "json"), ("imports", "markdown"), ("operations", "sh"),
        ("people", "toml"), ("scale", "ini"), ("scale", "sh"), ("scale", "sql"), ("upgrade", "sh"), ("webhooks", "sh"),
    )},
    ("benchmarks/README.md", "sh"): "tests/docs/test_snippets.py",
}  # fmt: skip
"""The test that runs the blocks of a language in a document."""
NOT_RUN = {
    "gh issue list": "needs an account at GitHub; the tests read files of the same shape",
    "pip install --upgrade agent-kanban": "would replace the version under test",
    "scripts/benchmark": "takes minutes; a test checks its arguments",
    "ALTER SYSTEM": "tests/faults/test_failover.py does the same in a cluster of its own",
}
"""Commands that no test runs as they stand, and why."""
NOT_CODE = {"text", "mermaid"}
"""Output, commands with places to fill in, and diagrams."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A new server, as a reader of the document has it."""
    with running(str(tmp_path / "kanban.db")) as server:
        yield server


def run(commands: str, folder: Path, server: Server, **environment: str) -> str:
    """Run commands that must succeed; return what they print."""
    settings = {"KANBAN_URL": server.url, "KANBAN_DATABASE_URL": server.database, "KANBAN_USER": "ada", **environment}
    process = shell(commands, folder, **settings)
    assert process.returncode == 0, process
    return process.stdout


def lines(document: str, number: int = 0) -> list[str]:
    """Return the commands of a block, without comments."""
    return [line.partition(" #")[0].strip() for line in blocks(document, "sh")[number].splitlines()]


def test_every_block_of_every_document_is_run_or_named() -> None:
    blocks = set()
    for path in [*(ROOT / name for name in DOCUMENTS), *(ROOT / "docs").rglob("*.md")]:
        document = path.relative_to(ROOT).as_posix()
        if not document.startswith("docs/reference/"):
            blocks |= {(document, language) for language in re.findall(r"^```(\w+)$", path.read_text(), re.MULTILINE)}
    assert {block for block in blocks if block[1] not in NOT_CODE} == set(RUN_BY)
    for (document, _), test in RUN_BY.items():
        assert document.removeprefix("docs/") in (ROOT / test).read_text(), (document, test)


def test_what_is_not_run_is_still_in_a_document() -> None:
    texts = "\n".join(path.read_text() for path in [*(ROOT / "docs").glob("*.md"), ROOT / "benchmarks/README.md"])
    assert [command for command in NOT_RUN if command not in texts] == []


def test_the_commands_about_users_work_in_order(server: Server, tmp_path: Path) -> None:
    create_ada, login, create_bob, add_member, invite = lines("docs/identity.md")
    run("kanban board add Red", tmp_path, server)
    token = run(create_ada, tmp_path, server).split()[-1]
    run(f"printf %s {token} | {login}", tmp_path, server)
    for command in (create_bob, add_member, invite):
        run(command, tmp_path, server)
    assert "bob" in run("kanban board member list -b 2", tmp_path, server)


def test_the_commands_and_forms_of_the_page_about_imports_work(server: Server, tmp_path: Path) -> None:
    issue = {"number": 1, "title": "From GitHub", "url": "https://github.com/o/r/issues/1", "state": "OPEN"}
    (tmp_path / "issues.json").write_text(json.dumps([issue]))
    (tmp_path / "tasks.csv").write_text("id,What to do,due\n1,From a table,31.12.2030\n")
    (tmp_path / "backlog").mkdir()
    (tmp_path / "backlog" / "task-12.md").write_text(blocks("docs/imports.md", "markdown")[0])
    run("\n".join(lines("docs/imports.md")), tmp_path, server)
    run("kanban import backlog", tmp_path, server)
    listed = run("kanban list", tmp_path, server)
    assert all(title in listed for title in ("From GitHub", "From a table", "Retry the upload"))
    form = json.loads(blocks("docs/imports.md", "json")[0])
    report = json.loads(run("kanban import issues.json --json", tmp_path, server))
    assert form.keys() <= report.keys()


def test_a_backup_is_made_while_the_server_runs_and_restored_when_it_does_not(server: Server, tmp_path: Path) -> None:
    backup, restore = lines("docs/operations.md")
    run("kanban add Kept", tmp_path, server)
    run(backup, tmp_path, server)
    run("kanban add Later", tmp_path, server)
    server.stop()
    run(restore, tmp_path, server)
    server.start()
    listed = run("kanban list", tmp_path, server)
    assert "Kept" in listed
    assert "Later" not in listed


@pytest.mark.parametrize(("document", "number"), [("docs/operations.md", 1), ("docs/upgrade.md", 0)])
def test_an_upgrade_begins_with_a_backup(document: str, number: int, server: Server, tmp_path: Path) -> None:
    backup, install = lines(document, number)[:2]
    run(backup, tmp_path, server)
    assert (tmp_path / backup.split()[-1]).stat().st_size > 0
    assert install in NOT_RUN


def test_aliases_and_saved_lists_work_as_the_page_for_people_says(server: Server, tmp_path: Path) -> None:
    config = tmp_path / ".config" / "agent-kanban"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(blocks("docs/people.md", "toml")[0])
    run('kanban add "Mine" -a ada; kanban add "Urgent" -p high', tmp_path, server)
    assert "Mine" in run("kanban mine", tmp_path, server)
    urgent = run("kanban list urgent", tmp_path, server)
    assert "Urgent" in urgent
    assert "Mine" not in urgent


def test_the_commands_about_webhooks_work_in_order(tmp_path: Path) -> None:
    own = "http://127.0.0.1:9"  # the host of the page does not exist
    add, show, remove = (line.replace("https://ci.example", own) for line in lines("docs/webhooks.md"))
    with running(str(tmp_path / "kanban.db"), KANBAN_WEBHOOK_PRIVATE="true") as server:
        run(f"kanban board webhook add {own}/one; kanban board webhook add {own}/two", tmp_path, server)
        assert "whsec_" in run(add, tmp_path, server)
        assert f"{own}/kanban" in run(show, tmp_path, server)
        run(remove, tmp_path, server)
        assert f"{own}/kanban" not in run(show, tmp_path, server)


def test_the_settings_of_the_page_on_scale_are_those_that_the_tests_run() -> None:
    documented, used = configparser.ConfigParser(), (ROOT / "tests" / "support" / "pgbouncer.py").read_text()
    documented.read_string(blocks("docs/scale.md", "ini")[0])
    assert f"pool_mode = {documented['pgbouncer']['pool_mode']}" in used
    failover = (ROOT / "tests" / "faults" / "test_failover.py").read_text() + (
        ROOT / "tests" / "support" / "clusters.py"
    ).read_text()
    assert "synchronous_standby_names" in failover
    assert "synchronous_standby_names" in blocks("docs/scale.md", "sql")[0]
    assert "target_session_attrs=read-write" in failover
    assert "target_session_attrs=read-write" in blocks("docs/scale.md", "sh")[0]


def test_the_benchmarks_that_documents_name_exist() -> None:
    from benchmarks import __main__ as main

    text = "\n".join([*blocks("benchmarks/README.md", "sh"), *blocks("docs/scale.md", "text")])
    subjects = [word for line in text.splitlines() if line.startswith("scripts/benchmark")
                for word in line.partition("#")[0].split()[1:] if word.isalpha()]  # fmt: skip
    assert len(subjects) >= 4
    source = Path(str(main.__file__)).read_text()
    assert [subject for subject in subjects if f'"{subject}"' not in source] == []


def test_the_project_declares_the_version_that_the_program_has() -> None:
    from kanban_server import __version__

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
