"""Limits on concurrent connections: in total and per address.

A connection beyond a limit is accepted for one request, so that it can be refused with a reason; administrators and
`/health` and `/ready` are still answered. Where no connection is left at all, the one that has been without a complete
request for the longest time is cut.
"""

from __future__ import annotations

import ipaddress
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kanban_server.rules.problems import Refusal
from kanban_server.settings import Settings

if TYPE_CHECKING:
    import asyncio

LIMIT_SCOPE_KEY = "kanban.crowd"
"""Scope key of requests through a trusted proxy: the ConnectionLimit that counts them by forwarded address."""
REFUSAL_SCOPE_KEY = "kanban.crowded"
"""Scope key of requests on a connection beyond a limit: the Refusal."""
RESERVED_CONNECTIONS = 16
"""Connections reserved for administrators and for `/health` and `/ready`; at most an eighth of all."""
REFUSED_PER_ADDRESS = 8
"""Connections of one address beyond its limit that are refused with a reason; further ones are cut."""
MAX_DESCRIPTORS = 65_536
OWN_DESCRIPTORS = 48
"""File descriptors of a server besides its connections and its database."""
FILES_PER_CONNECTION = 3
"""File descriptors of one connection to an SQLite database."""


@runtime_checkable
class LimitedProtocol(Protocol):
    """A protocol that takes over a counted connection, such as a WebSocket's."""

    def set_connection_limit(
        self, connection_limit: ConnectionLimit, address: str, refusal: Refusal | None, by_proxy: bool
    ) -> None:
        """Count the connection under its address; `refusal` is set where it is beyond a limit."""

    def limit(self, message_seconds: float, stall_seconds: float) -> None:
        """Set the seconds that a message may take to arrive, and that the peer may take to read the last frame."""


class ConnectionLimit:
    """The connections of one server. `max_connections` and `per_address` are limits; 0 means none."""

    def __init__(self, max_connections: int, per_address: int, proxies: tuple[str, ...]) -> None:
        self.max_connections = max_connections
        self._per_address = per_address
        self._reserved = min(RESERVED_CONNECTIONS, max_connections // 8)
        self._any_proxy = "*" in proxies
        self._proxies = [network for proxy in proxies if (network := _network(proxy)) is not None]
        self._by_address: Counter[str] = Counter()
        self.idle: dict[object, asyncio.Transport] = {}
        """Connections without a complete request in progress, in the order in which they became idle."""

    def is_proxy(self, address: str) -> bool:
        """Whether the address is a trusted proxy, which forwards requests of others."""
        if not self._proxies or self._any_proxy:
            return self._any_proxy
        try:
            host = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(host in network for network in self._proxies)

    def add_connection(self, address: str) -> bool:
        """Count a connection of this address; False where the address is far beyond its limit."""
        key = _address_key(address)
        self._by_address[key] += 1
        return not self._per_address or self._by_address[key] <= self._per_address + REFUSED_PER_ADDRESS

    def remove_connection(self, address: str) -> None:
        """Stop counting a connection of this address."""
        key = _address_key(address)
        self._by_address[key] -= 1
        if self._by_address[key] <= 0:
            del self._by_address[key]

    @contextmanager
    def count_request(self, address: str) -> Iterator[Refusal | None]:
        """Count a request through a proxy while it lasts; yields the refusal where it is beyond the limit."""
        self.add_connection(address)
        try:
            yield self.refusal_for(0, address)
        finally:
            self.remove_connection(address)

    def refusal_for(self, connections: int, address: str) -> Refusal | None:
        """The refusal of one more connection from this address, or None. An empty address is not counted."""
        if self.max_connections and connections > self.max_connections - self._reserved:
            return _refusal(f"The server has its {self.max_connections} connections.", self.max_connections)
        if self._per_address and address and self._by_address[_address_key(address)] > self._per_address:
            return _refusal(f"Your address has its {self._per_address} connections.", self._per_address)
        return None

    def cut_longest_idle(self, connections: int) -> bool:
        """Cut the longest idle connection where there are too many; False where none is idle."""
        if not self.max_connections or connections <= self.max_connections:
            return True
        longest = next(iter(self.idle), None)
        if longest is None:
            return False
        self.idle.pop(longest).abort()
        return True


def connection_limit_of(settings: Settings) -> ConnectionLimit:
    """The limits from the settings and the system; raises this process's limit of open files to the maximum."""
    max_connections = settings.tcp_connections
    descriptors = _raise_descriptor_limit()
    if descriptors:
        own = OWN_DESCRIPTORS + FILES_PER_CONNECTION * (settings.readers + settings.writers)
        max_connections = min(max_connections or descriptors, max(8, descriptors - own))
    return ConnectionLimit(max_connections, settings.address_connections, settings.proxies)


def _raise_descriptor_limit() -> int:
    """Raise the limit of open files as far as the system allows; returns it, or 0 where it is unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    new_limit = MAX_DESCRIPTORS if hard == unlimited else min(hard, MAX_DESCRIPTORS)
    if soft == unlimited or soft >= new_limit:
        return MAX_DESCRIPTORS if soft == unlimited else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (new_limit, hard))
    except (OSError, ValueError):  # macOS allows less than it reports
        return soft
    return new_limit


def _network(proxy: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network of a trusted proxy; None where it is not an address."""
    try:
        return ipaddress.ip_network(proxy, strict=False)
    except ValueError:
        return None


def _address_key(address: str) -> str:
    """An IPv4 address as it is; an IPv6 address as its /64 network, since one host can use all of that."""
    if ":" not in address:
        return address
    try:
        host = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(host.ipv4_mapped or ipaddress.ip_network((host, 64), strict=False).network_address)


def _refusal(detail: str, limit: int) -> Refusal:
    return Refusal("too-many-connections", detail, fix="Wait a little.", limit=limit, retry_after=1)
