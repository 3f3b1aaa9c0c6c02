"""Programs that are agents are tested with the fixtures that the SDK has for them."""

from __future__ import annotations

from kanban_sdk.testing import kanban, kanban_board, kanban_server, own_kanban_server

__all__ = ["kanban", "kanban_board", "kanban_server", "own_kanban_server"]
