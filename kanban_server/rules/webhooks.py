"""The rules for webhooks: valid addresses and secrets, signatures, and delays of retries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from urllib.parse import quote, urlsplit

from kanban_sdk.wire import limits
from kanban_server.rules.problems import Refusal

SECRET_PREFIX = "whsec_"
"""The prefix of every secret, as defined by https://www.standardwebhooks.com; the rest is the key in base64."""
MAX_RETRY_SECONDS = 3600.0
GONE_STATUSES = frozenset({410})
"""Response statuses that mean that the receiver wants no more deliveries."""

_UNQUOTED = "/?%:@!$&'()*+,;=~[]"
"""Characters of a path or query that are not encoded; `%` starts what is encoded already."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's own services, as seen from its machines: in a public range, but not public
            "192.0.0.0/24",  # IETF protocol assignments; Python counts some of them as global
            "192.88.99.0/24",  # the former 6to4 relays
            "fec0::/10",  # site-local: deprecated, but still in use
            "3fff::/20",  # documentation
            "64:ff9b:1::/48",  # NAT64 of a local network
            "::/96",  # IPv4-compatible
            "2001::/32",  # Teredo: the embedded address is obfuscated
        ),
    )
)
"""Networks that some version of Python counts as global, but that are not part of the public network."""


class AddressNotAllowed(Exception):
    """Deliveries to this address are not allowed, or it can't be resolved."""


def check_url(text: str) -> str:
    """A valid address for events, in ASCII: the host by IDNA, the path and query as percent-encoded UTF-8.

    Refused: `webhook-refused`.
    """
    text = text.strip()
    if not text.isascii() and text.isprintable():
        text = _to_ascii(text)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or parts.scheme not in {"http", "https"} or len(text) > limits.URL_CHARACTERS or not text.isascii():
        raise webhook_refusal(f"'{text[:80]}' is no address to post to.", "Send an http or https URL.")
    if "@" in parts.netloc or parts.fragment or not text.isprintable():
        raise webhook_refusal(
            "The address holds a user, a password or a fragment.", "Leave them out; deliveries are signed."
        )
    return text


def _to_ascii(text: str) -> str:
    """The address in ASCII; unchanged if that is impossible."""
    import idna

    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        if not host.isascii():
            port = "" if parts.port is None else f":{parts.port}"
            user, at, _ = parts.netloc.rpartition("@")
            parts = parts._replace(netloc=f"{user}{at}{idna.encode(host, uts46=True).decode()}{port}")
        path, query = (quote(part, safe=_UNQUOTED) for part in (parts.path, parts.query))
        return parts._replace(path=path, query=query).geturl()
    except ValueError:  # idna's own errors and encoding errors are subclasses
        return text


def is_public_address(address: str) -> bool:
    """Whether an IP address is in the public network. An address that embeds another is judged by the embedded one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            embedded = ipaddress.IPv4Address(ip.packed[-4:])
        if embedded is not None:
            return is_public_address(str(embedded))
    if any(ip in network for network in _REFUSED if network.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def format_secret(key: bytes) -> str:
    """The secret with this key."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def check_secret(text: str) -> str:
    """A secret whose key has 24 to 64 bytes. Refused: `webhook-refused`."""
    try:
        if text.startswith(SECRET_PREFIX) and 24 <= len(_key(text)) <= 64:
            return text
    except ValueError:  # binascii.Error is a subclass, and a non-ASCII character raises one too
        pass
    raise webhook_refusal(
        "This is no secret of a webhook.",
        f"Send {SECRET_PREFIX} and 24 to 64 random bytes in base64, or none.",
    )


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`: HMAC-SHA256 over id, time and body."""
    signed_content = b"%b.%d.%b" % (id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed_content, hashlib.sha256).digest()).decode()


def retry_delay(failures: int, first: float, jitter: float) -> float:
    """Seconds until the next try, after so many failed tries in a row.

    `jitter` is from 0 to 1: it spreads the tries over the second half of the delay.
    """
    longest = min(MAX_RETRY_SECONDS, first * 2.0 ** min(failures - 1, 20))
    return longest * (1 + jitter) / 2


def webhook_refusal(detail: str, fix: str) -> Refusal:
    """The refusal of something that can't be a webhook."""
    return Refusal("webhook-refused", detail, fix=fix)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
