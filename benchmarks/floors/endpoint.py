"""A bare FastAPI endpoint under the server's own uvicorn settings: no store, rules or log."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@dataclass(frozen=True)
class Move:
    column: str
    moved_by: str | None = None


@dataclass(frozen=True)
class Moved:
    id: int
    column: str


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.post("/api/tickets/{ticket_id}/move")
async def move(ticket_id: int, body: Move) -> Moved:
    return Moved(ticket_id, body.column)


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"The bare endpoint is at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, http="httptools", access_log=False, log_config=None, server_header=False)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
