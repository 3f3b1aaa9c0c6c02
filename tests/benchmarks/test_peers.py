"""Scenes of `benchmarks.peers`, played against this project alone: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.__main__ import play
from benchmarks.peers.ours import OverHttp
from benchmarks.peers.page import Report
from benchmarks.peers.peer import State
from benchmarks.peers.scenes import lost_edit


class WithoutVersions(OverHttp):
    """A client that names no version."""

    def edit(self, ticket: str, text: str, before: State) -> bool:
        return self.ask("PATCH", f"/api/tickets/{ticket}", {"description": text})[0] < 300


def test_a_late_write_and_a_stale_edit_are_refused_over_http(tmp_path: Path) -> None:
    report = Report()
    play("ours-http", ["zombie write", "lost edit"], tmp_path, report)
    results = {scene: result.text for scene, result in report.results["ours-http"].items()}
    assert results == {"zombie write": "refused", "lost edit": "the second is refused"}
    assert "| zombie write | refused |" in report.table()


def test_the_scene_of_the_lost_edit_sees_a_text_that_is_lost(tmp_path: Path) -> None:
    peer = WithoutVersions(tmp_path, tmp_path)
    peer.start()
    try:
        assert lost_edit(peer).text == "the first is lost"
    finally:
        peer.close()
