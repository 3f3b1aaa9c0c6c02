"""Promise 9: any request generated from the API description gets a described response or a problem; never a 5xx."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import Server, clean_environment

CHECKS = """
# Not checked: rules beyond a schema; numbers in texts, which the server accepts because old clients send them.
[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.enabled = false

# Paths that may not exist although their parent does: a board has no base before its log is trimmed.
[[operations]]
include-name = ["GET /api/boards/{board_id}/base", "GET /api/avatars/{user_id}"]
checks.ensure_resource_availability.enabled = false
"""


@pytest.mark.slow
def test_requests_generated_from_the_description_get_described_responses(own_server: Server, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    (tmp_path / "schemathesis.toml").write_text(CHECKS)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{own_server.url}/openapi.json"),
        *("--max-examples", "30", "--workers", "1", "--seed", str(seed), "--no-color"),
    ]
    ran = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-1000:]
    print(ran.stdout[ran.stdout.rfind("Test cases:") :].splitlines()[1].strip())
    assert "failed" not in own_server.log_text()
