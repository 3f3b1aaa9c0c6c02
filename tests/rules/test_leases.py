"""Tokens of claims."""

from __future__ import annotations

import pytest

from kanban_server.rules.leases import format_token, parse_token
from kanban_server.rules.problems import Refusal


def test_a_token_names_its_ticket_and_its_claim() -> None:
    assert parse_token(format_token(12, 3)) == (12, 3)


def test_a_refused_token_is_quoted_with_forty_characters_at_most() -> None:
    with pytest.raises(Refusal) as caught:
        parse_token("x" * 100)
    assert caught.value.detail == f"'{'x' * 40}' is not the token of a claim."
