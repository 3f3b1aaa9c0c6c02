"""HTTP client for URLs of users: public networks only, no redirects, short timeouts.

The host name is resolved and checked here, and the checked address is connected to, so a name that resolves
differently a moment later gains nothing (DNS rebinding). Loaded at first use.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import httpcore

from kanban_server.rules.webhooks import AddressNotAllowed, is_public_address

CONNECT_SECONDS = 5.0
RESPONSE_SECONDS = 10.0
TOTAL_SECONDS = 15.0


class WebhookClient:
    """Posts to webhooks; `private` allows addresses of this machine and of private networks."""

    def __init__(self, *, private: bool) -> None:
        self._network = _PublicNetworkBackend(private=private)
        self._tls = ssl.create_default_context()

    async def check(self, url: str) -> None:
        """Raises AddressNotAllowed where the URL may not be posted to."""
        split_url = urlsplit(url)
        await self._network.address(
            split_url.hostname or "", split_url.port or (443 if split_url.scheme == "https" else 80)
        )

    async def post(self, url: str, headers: Mapping[bytes | str, bytes | str], body: bytes) -> int:
        """Post, and return the status. Raises AddressNotAllowed, OSError, TimeoutError and httpcore's errors."""
        timeout = {
            "connect": CONNECT_SECONDS,
            "read": RESPONSE_SECONDS,
            "write": RESPONSE_SECONDS,
            "pool": CONNECT_SECONDS,
        }
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            httpcore.AsyncConnectionPool(
                ssl_context=self._tls, network_backend=self._network, max_keepalive_connections=0
            ) as pool,
            pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": timeout}) as response,
        ):
            return response.status  # the body is not read


class _PublicNetworkBackend(httpcore.AsyncNetworkBackend):
    """Connects to allowed addresses only."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._network = httpcore.AnyIOBackend()

    async def address(self, host: str, port: int) -> str:
        """An address of the host. Raises AddressNotAllowed, also where only one of several is private."""
        try:
            resolved = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise AddressNotAllowed(f"{host} can't be resolved") from error
        addresses = [str(entry[4][0]) for entry in resolved]
        private_addresses = [address for address in addresses if not is_public_address(address)]
        if private_addresses and not self._private:
            raise AddressNotAllowed(f"{host} is {private_addresses[0]}, which is not of the public network")
        return addresses[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve and check the host, then connect."""
        address = await self.address(host, port)
        return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)
