"""Check that a port is free before anything else is opened."""

from __future__ import annotations

import errno
import socket

from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings


def check_free(settings: Settings) -> None:
    """Refused: `invalid-request`, if the server can't listen at the host and port of the settings."""
    host, port = settings.host, settings.port
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise _refusal(f"'{host}' is no address of this machine: {error}.", "Name one with --host.") from error
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the server sets the same option
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise _refusal_for(error, host, port) from error


def _refusal_for(error: OSError, host: str, port: int) -> Refusal:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65_535 else 8000
        return _refusal(f"Port {port} of {host} is taken by another program.", f"kanban serve --port {other}")
    if error.errno == errno.EACCES:
        return _refusal(f"This user may not listen at port {port}.", "kanban serve --port 8000")
    return _refusal(f"{host} can't be listened at: {error.strerror}.", "Name an address of this machine with --host.")


def _refusal(detail: str, fix: str) -> Refusal:
    return Refusal("invalid-request", detail, fix=fix)
