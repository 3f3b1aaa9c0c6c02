"""`python -m kanban_server serve`: start a server."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from kanban_server.app import create_app
from kanban_server.commands import database_folder, ports
from kanban_server.commands.workers import Workers, parent_pid, reserve_port
from kanban_server.entry import logging
from kanban_server.entry.connection_limit import connection_limit_of
from kanban_server.http.uvicorn_protocol import protocol_with_timeout
from kanban_server.live.redis_bus import create_client
from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings, from_environment
from kanban_server.store.database import database_url, driver_for
from kanban_server.store.drivers import Driver, SQLite
from kanban_server.store.file_lock import FileInUse, Holder
from kanban_server.store.maintenance import offline
from kanban_server.store.maintenance.migrate import MigrationFailed, migrate
from kanban_server.store.queries import users
from kanban_server.websocket.transport import DirectProtocol, can_write_frames

LOOPBACK = ("127.0.0.1", "localhost", "::1")
GC_THRESHOLDS = (10_000, 20, 20)
"""Thresholds of the garbage collector. With Python's defaults it took a fifteenth of a busy server's time."""
SWITCH_SECONDS = 0.001
"""Seconds a thread waits at most for a thread that computes. With Python's default of 5 ms a busy server made up to a
twentieth fewer moves, because a writing thread waits again after each of its statements."""


def main(arguments: Sequence[str]) -> None:
    """Run the server until it is stopped. Exit 1 if it may not or can't start, 2 for a wrong flag."""
    try:
        settings = _parse_settings(arguments)
        _check_exposure(settings)
        if settings.redis_url:
            create_client(settings.redis_url)
        _check_workers(settings)
        if settings.port and not parent_pid():
            ports.check_free(settings)
        database_folder.offer(settings)
        driver = driver_for(settings)
        migrate(driver)
        _check_exposure(settings, driver)
        if settings.workers > 1:
            logging.configure_logging(settings.log_level, settings.log_format)
            with reserve_port(settings) as port:
                sys.exit(Workers(settings, arguments, port.getsockname()[1]).run())
    except Refusal as error:
        sys.exit(f"kanban serve: {error}" + (f"\n  next: {error.fix}" if error.fix else ""))
    except (ValueError, OSError, FileInUse, MigrationFailed) as error:
        sys.exit(f"kanban serve: {error}")
    sys.exit(serve(settings, driver))


def serve(settings: Settings, driver: Driver) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code."""
    logging.configure_logging(settings.log_level, settings.log_format)
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        create_app(settings, driver, on_mcp_loaded=gc.freeze),
        host=settings.host,
        port=settings.port,
        http=protocol_with_timeout(settings, connection_limit_of(settings)),
        ws=DirectProtocol if can_write_frames() else "websockets-sansio",
        ws_max_size=settings.frame_bytes,
        ws_ping_interval=settings.ping_seconds,
        ws_ping_timeout=max(1.0, settings.silence_seconds - settings.ping_seconds),
        ws_per_message_deflate=False,
        lifespan="on",
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=",".join(settings.proxies),
        access_log=False,  # it would contain query strings, and with them names
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=max(1, int(settings.stop_seconds) - 2),
    )
    server = Server(config, settings, driver)
    try:
        server.run([reserve_port(settings)] if parent_pid() else None)
    except SystemExit:  # uvicorn's own exit code has another meaning for our callers
        return 1
    return 0 if server.started else 1


class Server(uvicorn.Server):
    """A uvicorn server that prints its address once it is ready, and ends streams before it waits for them."""

    def __init__(self, config: uvicorn.Config, settings: Settings, driver: Driver) -> None:
        super().__init__(config)
        self._settings = settings
        self._driver = driver
        self._parent = parent_pid()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start, and print the address."""
        await super().startup(sockets)  # type: ignore[arg-type]
        gc.collect()
        gc.freeze()  # what is in memory now lives as long as the server: collecting it again determined the p99
        gc.set_threshold(*GC_THRESHOLDS)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1] if self.servers else self._settings.port
            host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
            if isinstance(self._driver, SQLite):
                local_host = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
                admin_key = self.config.app.state.server.admin_key  # type: ignore[union-attr]
                self._driver.lock.write_holder(Holder(f"http://{local_host}:{port}", admin_key))
            print(f"Kanban is at http://{host}:{port}", flush=True)
            if self._driver.lanes and not self._settings.redis_url:
                print("There is no Redis: changes by other servers of this database are read every quarter second.")

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """End the streams, which never end by themselves, then stop."""
        state = getattr(self.config.app.state, "server", None)  # type: ignore[union-attr]
        if state is not None:
            state.hub.close()
        await super().shutdown(sockets)  # type: ignore[arg-type]

    async def on_tick(self, counter: int) -> bool:
        """Stop a worker whose parent was killed."""
        if self._parent and os.getppid() != self._parent:
            self.should_exit = True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal with exit code 0; at the second SIGINT, at once."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _parse_settings(arguments: Sequence[str]) -> Settings:
    parser = argparse.ArgumentParser(prog="kanban serve", description="Start a server.")
    parser.add_argument("--host", help="the address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, help="the port (default 8000; 0 takes a free one)")
    parser.add_argument("--database", dest="database_url", help="a file, sqlite:///FILE or postgresql://USER@HOST/NAME")
    parser.add_argument("--redis", dest="redis_url", help="redis://HOST:PORT/N")
    parser.add_argument("--workers", type=int, help="so many processes that share the port (PostgreSQL only)")
    parser.add_argument(
        "--open", action="store_const", const=True, help="listen beyond loopback although anybody may then write"
    )
    parser.add_argument("--log-level", dest="log_level", choices=["debug", "info", "warning", "error"])
    return from_environment(None, **vars(parser.parse_args(arguments)))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text} is no port: ports are numbers up to 65535")
    return int(text)


def _check_workers(settings: Settings) -> None:
    if settings.workers < 1:
        raise ValueError("--workers is a number from 1 on.")
    if settings.workers > 1 and database_url(settings).get_backend_name() == "sqlite":
        raise ValueError(
            f"One process at a time has an SQLite file, so {settings.workers} workers can't share it. "
            "Leave --workers out, or give them a PostgreSQL: --database postgresql://USER@HOST/NAME."
        )


def _check_exposure(settings: Settings, driver: Driver | None = None) -> None:
    """Refuse to serve beyond loopback without users, unless `open` and `hosts` are set: anyone could claim any name.

    Called twice: before the database is opened, because a refused start should not create it; and afterwards.
    """
    if settings.host in LOOPBACK or (settings.open and settings.hosts):
        return
    url = database_url(settings)
    if driver is None:
        has_users = url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file()
    else:
        has_users = offline.run_change(driver, lambda tx: tx.value(users.ANY) is not None)
    if not has_users:
        raise ValueError(
            f"{settings.host} can be reached from other machines, and anybody there could write. "
            "Make the first admin before: kanban user create NAME --admin. Or, if that is meant, add --open and set "
            "KANBAN_HOSTS to the names by which it is called."
        )
