"""New random secrets, from the system's generator. `rules` has no randomness: it checks and formats secrets."""

from __future__ import annotations

import secrets

from kanban_server.rules import tokens, webhooks

WEBHOOK_KEY_BYTES = 32


def generate_secret(kind: tokens.Kind) -> str:
    """A new secret of a token, a session or an invite."""
    return tokens.format_secret(kind, "".join(secrets.choice(tokens.ALPHABET) for _ in range(tokens.RANDOM_LENGTH)))


def generate_webhook_secret() -> str:
    """A new secret that signs the deliveries of a webhook."""
    return webhooks.format_secret(secrets.token_bytes(WEBHOOK_KEY_BYTES))
