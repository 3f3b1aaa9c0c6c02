"""How many connections there may be at a time, from everybody and from one address.

A connection beyond a limit is let in for one request, so that it can be refused with a reason; administrators, and
those who ask whether the server is well, are answered. Where there is no room at all, that connection is cut which has
been without a whole request for the longest time.
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
"""The scope's entry in requests that come through a named proxy: the Crowd that counts them by forwarded address."""
REFUSAL_SCOPE_KEY = "kanban.crowded"
"""The scope's entry in requests on a connection beyond a limit: the Refusal."""
RESERVED_CONNECTIONS = 16
"""Connections kept for administrators and for `/health` and `/ready`; an eighth of all, where that is less."""
REFUSED_PER_ADDRESS = 8
"""Connections of one address beyond its limit that are told so; the next are cut."""
MAX_DESCRIPTORS = 65_536
OWN_DESCRIPTORS = 48
"""Files that a server has open beside its connections and its database."""
FILES_PER_CONNECTION = 3
"""Files that one connection to an SQLite database has open."""


@runtime_checkable
class LimitedProtocol(Protocol):
    """A protocol that takes over a connection which is counted, such as a WebSocket's."""

    def set_connection_limit(
        self, connection_limit: ConnectionLimit, address: str, refusal: Refusal | None, by_proxy: bool
    ) -> None:
        """The connection counts among those of its address; `refusal` says why it is one too many, if it is."""

    def limit(self, message_seconds: float, stall_seconds: float) -> None:
        """Set how many seconds a message may take to arrive, and the last frame to be taken."""


class ConnectionLimit:
    """The connections of one server. `most` and `per_address` are limits; 0 is none."""

    def __init__(self, max_connections: int, per_address: int, proxies: tuple[str, ...]) -> None:
        self.max_connections = max_connections
        self._per_address = per_address
        self._reserved = min(RESERVED_CONNECTIONS, max_connections // 8)
        self._any_proxy = "*" in proxies
        self._proxies = [network for proxy in proxies if (network := _network(proxy)) is not None]
        self._by_address: Counter[str] = Counter()
        self.idle: dict[object, asyncio.Transport] = {}
        """Connections that have no whole request under way, in the order in which that began."""

    def is_proxy(self, address: str) -> bool:
        """Whether this is a named proxy, so that others ask through it."""
        if not self._proxies or self._any_proxy:
            return self._any_proxy
        try:
            host = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(host in network for network in self._proxies)

    def add_connection(self, address: str) -> bool:
        """A connection comes from this address. False where there are far too many from there."""
        key = _address_key(address)
        self._by_address[key] += 1
        return not self._per_address or self._by_address[key] <= self._per_address + REFUSED_PER_ADDRESS

    def remove_connection(self, address: str) -> None:
        """A connection from this address is gone."""
        key = _address_key(address)
        self._by_address[key] -= 1
        if self._by_address[key] <= 0:
            del self._by_address[key]

    @contextmanager
    def count_request(self, address: str) -> Iterator[Refusal | None]:
        """A request that came through a proxy, for as long as it lasts; the refusal, where it is one too many."""
        self.add_connection(address)
        try:
            yield self.refusal_for(0, address)
        finally:
            self.remove_connection(address)

    def refusal_for(self, connections: int, address: str) -> Refusal | None:
        """Why a connection is one too many, if it is: there are so many, and it is from there. An empty address is one
        that is not counted."""
        if self.max_connections and connections > self.max_connections - self._reserved:
            return _refusal(f"The server has its {self.max_connections} connections.", self.max_connections)
        if self._per_address and address and self._by_address[_address_key(address)] > self._per_address:
            return _refusal(f"Your address has its {self._per_address} connections.", self._per_address)
        return None

    def cut_longest_idle(self, connections: int) -> bool:
        """Where there are so many connections, cut the one that has waited longest. False where none waits."""
        if not self.max_connections or connections <= self.max_connections:
            return True
        longest = next(iter(self.idle), None)
        if longest is None:
            return False
        self.idle.pop(longest).abort()
        return True


def connection_limit_of(settings: Settings) -> ConnectionLimit:
    """The limits that the settings and the system give; this process may have all the files that it is allowed."""
    max_connections = settings.tcp_connections
    descriptors = _raise_descriptor_limit()
    if descriptors:
        own = OWN_DESCRIPTORS + FILES_PER_CONNECTION * (settings.readers + settings.writers)
        max_connections = min(max_connections or descriptors, max(8, descriptors - own))
    return ConnectionLimit(max_connections, settings.address_connections, settings.proxies)


def _raise_descriptor_limit() -> int:
    """Raise the number of files that may be open as far as the system lets us; that number, or 0 if unknown."""
    if sys.platform == "win32":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted_limit = MAX_DESCRIPTORS if hard == unlimited else min(hard, MAX_DESCRIPTORS)
    if soft == unlimited or soft >= wanted_limit:
        return MAX_DESCRIPTORS if soft == unlimited else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted_limit, hard))
    except (OSError, ValueError):  # macOS allows less than it says
        return soft
    return wanted_limit


def _network(proxy: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The addresses of a named proxy; None where it is no address."""
    try:
        return ipaddress.ip_network(proxy, strict=False)
    except ValueError:
        return None


def _address_key(address: str) -> str:
    """An IPv4 address as it is; of IPv6 the network of 64 bits, since one host has as many addresses as it likes."""
    if ":" not in address:
        return address
    try:
        host = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(host.ipv4_mapped or ipaddress.ip_network((host, 64), strict=False).network_address)


def _refusal(detail: str, limit: int) -> Refusal:
    return Refusal("too-many-connections", detail, fix="Wait a little.", limit=limit, retry_after=1)
