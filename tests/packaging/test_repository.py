"""The files around the code are valid: workflows, templates, manifests, locked requirements."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
BOUNDED = {"mcp"}
"""Packages of which a version is known to break."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(program: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAMS / program), *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def audit(folder: Path) -> list[str]:
    """Return the findings of zizmor, without the network."""
    process = run("zizmor", "--offline", "--no-progress", "--format", "json", str(folder))
    return [finding["ident"] for finding in json.loads(process.stdout)]


def test_zizmor_has_no_findings_in_the_workflows() -> None:
    assert audit(ROOT / ".github") == []


def test_zizmor_finds_an_unpinned_action_and_an_injection(tmp_path: Path) -> None:
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text()
    unsafe = re.sub(r"checkout@\w+", "checkout@v7", text).replace("PYTHON=python", "echo ${{ github.head_ref }};")
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "test.yml").write_text(unsafe)
    assert {"unpinned-uses", "template-injection"} <= set(audit(tmp_path / ".github"))


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        ("vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
        ("vendor.citation-file-format", "CITATION.cff"),
        ("vendor.compose-spec", "deploy/compose.yaml"),
    ],
)
def test_a_file_is_as_its_schema_says(schema: str, pattern: str) -> None:
    files = [str(path) for path in ROOT.glob(pattern)]
    assert files
    process = run("check-jsonschema", "--builtin-schema", schema, *files)
    assert process.returncode == 0, process.stdout


def test_the_kubernetes_manifests_are_valid() -> None:
    files = sorted(str(path) for path in (ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    process = run("kubernetes-validate", "--strict", *files)
    assert process.returncode == 0, process.stdout + process.stderr
    kinds = {kind for file in files for kind in re.findall(r"^kind: (\w+)$", Path(file).read_text(), re.MULTILINE)}
    assert kinds == {"Deployment", "Service", "PodDisruptionBudget", "Job", "NetworkPolicy"}


def test_every_requirement_is_locked_with_hashes_and_no_registry_is_named() -> None:
    groups = PROJECT["dependency-groups"]
    extras = PROJECT["project"]["optional-dependencies"]
    server = [requirement for name in ("postgres", "redis", "mcp", "jq") for requirement in extras[name]]
    for name, required in {
        "runtime": [*PROJECT["project"]["dependencies"], *server],
        "development": [*PROJECT["project"]["dependencies"], *server, *groups["development"]],
        "agents": [*PROJECT["project"]["dependencies"], *server, *groups["agents"]],
    }.items():
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "://" not in text
        assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE)
        entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
        locked = {re.split(r"[=\[ ]", entry)[0] for entry in entries}
        assert all("--hash=sha256:" in entry and "==" in entry for entry in entries)
        assert {re.split(r"[>\[]", requirement)[0] for requirement in required} <= locked


def test_only_what_is_known_to_break_has_an_upper_bound() -> None:
    extras = PROJECT["project"]["optional-dependencies"].values()
    requirements = [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]
    assert {re.split(r"[>\[]", one)[0] for one in requirements if re.search(r"<|==|~=", one)} == BOUNDED


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    for manifest in (ROOT / "deploy" / "kubernetes").iterdir():
        assert set(re.findall(r"agent-kanban:([\w.]+)", manifest.read_text())) <= {version}


def test_the_hooks_of_pre_commit_run_programs_of_the_development_group() -> None:
    programs = re.findall(r"entry: \.venv/bin/(\S+)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert {"ruff", "mypy", "lint-imports", "zizmor"} == set(programs)
    assert all((PROGRAMS / program).exists() for program in programs)
