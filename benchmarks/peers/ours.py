"""This project, twice: by its command line, and by HTTP. Both with a server of their own on SQLite."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from benchmarks.peers.commands import CommandLine
from benchmarks.peers.peer import DONE, TODO, WORKING, Claim, State, Watch
from benchmarks.peers.services import Service

COLUMN = {TODO: "Not Started", WORKING: "In Progress", DONE: "Done"}
COLUMNS = {name: column for column, name in COLUMN.items()}
BOARD = 1


class OverHttp(Service):
    name = "Agent Kanban, HTTP"
    settings = "SQLite, defaults; a claim is `POST /api/boards/1/next`"

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)

    def server(self) -> tuple[Sequence[str], dict[str, str]]:
        database = str(self.folder / "kanban.db")
        return [sys.executable, "-m", "kanban_server", "--port", str(self.port), "--database", database], {}

    def version(self) -> str:
        return version("agent-kanban")

    def create(self, title: str, key: str = "") -> str:
        named = {"Idempotency_Key": key} if key else {}
        return str(self.good("POST", "/api/tickets/", {"title": title, "board_id": BOARD}, **named)["id"])

    def titles(self) -> list[str]:
        tickets = self.good("GET", f"/api/boards/{BOARD}/snapshot")["tickets"]
        return [ticket["title"] for ticket in tickets]

    def take(self, worker: str) -> Claim | None:
        ticket = self.good("POST", f"/api/boards/{BOARD}/next", {"claim": True, "claimed_by": worker})["ticket"]
        return None if ticket is None else Claim(str(ticket["id"]), worker, ticket["lease"]["token"])

    def take_over(self, claim: Claim, worker: str) -> None:
        self.good("POST", f"/api/tickets/{claim.ticket}/claim", {"claimed_by": worker, "force": True})

    def finish(self, claim: Claim) -> bool:
        body = {"column": COLUMN[DONE], "moved_by": claim.worker}
        status, _ = self.ask("POST", f"/api/tickets/{claim.ticket}/move", body, Kanban_Lease=claim.token)
        return status < 300

    def move(self, ticket: str, column: str) -> None:
        self.good("POST", f"/api/tickets/{ticket}/move", {"column": COLUMN[column], "moved_by": "ada"})

    def read(self, ticket: str) -> State:
        data = self.good("GET", f"/api/tickets/{ticket}")
        return State(data["description"] or "", str(data["version"]))

    def edit(self, ticket: str, text: str, before: State) -> bool:
        match = f'"{before.version}"'
        return self.ask("PATCH", f"/api/tickets/{ticket}", {"description": text}, If_Match=match)[0] < 300

    def watch(self, position: str = "") -> Watch:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        after = {"Last-Event-ID": position} if position else {}
        connection.request("GET", f"/api/boards/{BOARD}/events", headers={"Accept": "text/event-stream", **after})
        answer = connection.getresponse()

        def stop() -> None:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(2)
            thread.join()

        watch = Watch(stop, position=position)

        def read() -> None:
            with suppress(OSError, ValueError, http.client.HTTPException):
                while line := answer.readline():
                    name, _, value = line.decode().strip().partition(":")
                    if name == "id":
                        watch.position = value.strip()
                    elif name == "data":
                        tell(watch, orjson.loads(value))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return watch

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        path = f"/api/tickets/?board_id={BOARD}"
        return self.bytes("GET", path)[1], self.bytes("GET", f"/api/tickets/{ticket}")[1]


def tell(watch: Watch, event: dict[str, Any]) -> None:
    """Tell a watch what an event of a ticket says."""
    data = event.get("data")
    if isinstance(data, dict) and "title" in data and data.get("current_column") in COLUMNS:
        watch.tell(f"{data['title']}@{COLUMNS[data['current_column']]}")


class ByCommands(CommandLine):
    name = "Agent Kanban, command line"
    settings = "SQLite, defaults; a claim is `kanban next`"
    serverless = False

    def __init__(self, folder: Path, cache: Path) -> None:
        super().__init__(folder)
        self.service = OverHttp(folder, cache)
        self.environment |= {
            "KANBAN_URL": f"http://127.0.0.1:{self.service.port}", "KANBAN_BOARD": str(BOARD), "KANBAN_USER": "ada",
        }  # fmt: skip

    def program(self) -> Sequence[str]:
        return [str(Path(sys.executable).with_name("kanban"))]

    def version(self) -> str:
        return self.service.version()

    def start(self) -> None:
        self.service.start()

    def kill(self) -> None:
        self.service.kill()
        super().kill()

    def restart(self) -> None:
        self.service.restart()

    def create(self, title: str, key: str = "") -> str:
        return self.output("add", title).decode().split("\t")[0]

    def titles(self) -> list[str]:
        return [line.split("\t")[3] for line in self.output("list", "--all").decode().splitlines()]

    def take(self, worker: str) -> Claim | None:
        code, out = self.run("next", "--json", "--as", worker)
        if code == 4:
            return None
        ticket = orjson.loads(out)["ticket"]
        return Claim(str(ticket["id"]), worker, ticket["lease"]["token"])

    def take_over(self, claim: Claim, worker: str) -> None:
        self.output("claim", claim.ticket, "--as", worker, "--force")

    def finish(self, claim: Claim) -> bool:
        return self.run("done", claim.ticket, "--as", claim.worker, "--lease", claim.token)[0] == 0

    def move(self, ticket: str, column: str) -> None:
        self.output("move", ticket, COLUMN[column])

    def read(self, ticket: str) -> State:
        data = orjson.loads(self.output("show", ticket, "--json", "--full"))
        data = data.get("ticket", data)
        return State(data.get("description") or "", str(data["version"]))

    def edit(self, ticket: str, text: str, before: State) -> bool:
        return self.run("edit", ticket, "-d", text, "--if-version", before.version)[0] == 0

    def watch(self, position: str = "") -> Watch:
        cursor = position or str(self.folder / "cursor")
        process = self.popen("watch", "--json", "--full", "--cursor-file", cursor)

        def stop() -> None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            self._end(process)

        watch = Watch(stop, position=cursor)

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                tell(watch, orjson.loads(line))

        threading.Thread(target=read, daemon=True).start()
        return watch

    def command(self) -> list[str]:
        return [*self.program(), "--version"]

    def listing_and_ticket(self, ticket: str) -> tuple[bytes, bytes]:
        return self.output("list"), self.output("show", ticket)
