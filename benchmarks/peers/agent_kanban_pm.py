"""agent-kanban-pm: a local server with an HTTP interface."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import environments
from benchmarks.peers.peer import DONE, TODO, WORKING, Claim, State
from benchmarks.peers.services import Service

STATUS = {TODO: "pending", WORKING: "in_progress", DONE: "completed"}
TOKEN = "benchmark"


class AgentKanbanPm(Service):
    name = "agent-kanban-pm"
    settings = (
        "`uvicorn agent_kanban_pm.app:app` on SQLite with a token file; a claim is `POST /tasks/ID/self-assign`; the "
        "owner acts for all workers"
    )
    strengths = ("starts the agents of the tickets itself, each in a git worktree",)
    ready_path = "/projects"

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        self._programs = environments.python(cache, "agent-kanban-pm")
        self._project = 0
        self._owner = ""
        (folder / ".kanban").mkdir(mode=0o700)
        (folder / ".kanban" / "token").write_text(TOKEN)

    def server(self) -> tuple[Sequence[str], dict[str, str]]:
        command = ["-m", "uvicorn", "agent_kanban_pm.app:app", "--host", "127.0.0.1", "--port", str(self.port)]
        environment = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder}/board.db",
            "KANBAN_PORT": str(self.port),
            "KANBAN_API_BASE": f"http://127.0.0.1:{self.port}",
        }
        return [str(self._programs / "python"), *command], environment

    def headers(self) -> dict[str, str]:
        return {"X-Kanban-Token": TOKEN, **({"X-Entity-ID": self._owner} if self._owner else {})}

    def version(self) -> str:
        [metadata] = (self._programs.parent / "lib").glob("python*/site-packages/agent_kanban_pm-*.dist-info")
        return metadata.name.removesuffix(".dist-info").rpartition("-")[2]

    def start(self) -> None:
        super().start()
        if not self._project:
            self._owner = str(self.good("GET", "/entities/me")["id"])
            self._project = self.good("POST", "/projects", {"name": "board"})["id"]
            self.good("POST", f"/projects/{self._project}/approve")

    def create(self, title: str, key: str = "") -> str:
        return str(self.good("POST", "/tasks", {"title": title, "project_id": self._project})["id"])

    def _list(self) -> list[dict[str, Any]]:
        tickets: list[dict[str, Any]] = self.good("GET", f"/tasks?project_id={self._project}")
        return tickets

    def titles(self) -> list[str]:
        return [ticket["title"] for ticket in self._list()]

    def free(self) -> list[str]:
        return [str(ticket["id"]) for ticket in self._list() if not ticket["assignees"]]

    def claim(self, ticket: str, worker: str) -> Claim | None:
        status, _ = self.ask("POST", f"/tasks/{ticket}/self-assign?entity_id={self._owner}")
        return Claim(ticket, worker) if status < 300 else None

    def move(self, ticket: str, column: str) -> None:
        self.good("PATCH", f"/tasks/{ticket}", {"status": STATUS[column]})

    def read(self, ticket: str) -> State:
        ticket_data = self.good("GET", f"/tasks/{ticket}")
        return State(ticket_data["description"] or "", str(ticket_data["version"]))

    def edit(self, ticket: str, text: str, before: State) -> bool:
        body = {"description": text, "version": int(before.version)}
        return self.ask("PATCH", f"/tasks/{ticket}", body)[0] < 300

    def command(self) -> list[str]:
        return [str(self._programs / "kanban"), "--help"]

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        return self.bytes("GET", f"/tasks?project_id={self._project}")[1], self.bytes("GET", f"/tasks/{ticket}")[1]
