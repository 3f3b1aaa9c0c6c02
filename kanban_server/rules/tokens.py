"""Secrets that authenticate to the server: formatting, checking and hashing them.

`kbn_` and 30 letters and digits (178 bits), then a checksum of 6 more, so that a scanner can distinguish a real one
from a similar text. The prefixes of sessions and invites have one more letter, so that neither is taken for a token.
Only the hash is stored: a secret of 178 random bits needs no slow one.
"""

from __future__ import annotations

import hashlib
import re
import string
import zlib
from typing import Literal

Kind = Literal["token", "session", "invite"]

PREFIXES: dict[Kind, str] = {"token": "kbn_", "session": "kbn_s_", "invite": "kbn_i_"}
"""The prefix of a secret of each kind."""
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
VISIBLE_LENGTH = 4
"""Characters after the prefix that identify a token in a list."""

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY = re.compile(rf"[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)


def format_secret(kind: Kind, body: str) -> str:
    """The secret of `body`: RANDOM_LENGTH random characters of ALPHABET."""
    return PREFIXES[kind] + body + _checksum(body)


def is_secret(kind: Kind, text: str) -> bool:
    """Whether a text is well-formed as a secret of this kind."""
    prefix = PREFIXES[kind]
    body = text[len(prefix) :]
    return (
        text.startswith(prefix)
        and bool(_BODY.fullmatch(body))
        and _checksum(body[:RANDOM_LENGTH]) == body[RANDOM_LENGTH:]
    )


def hash_secret(text: str) -> bytes:
    """The stored hash of a secret."""
    return hashlib.sha256(text.encode()).digest()


def visible_prefix(text: str) -> str:
    """The part of a secret that is shown after its creation."""
    prefix, _, body = text.rpartition("_")
    return f"{prefix}_{body[:VISIBLE_LENGTH]}"


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
