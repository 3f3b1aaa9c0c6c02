"""Users, their tokens and sessions, and who is a member of which board."""

from __future__ import annotations

from typing import Literal

Role = Literal["admin", "user", "viewer"]
"""What somebody may do, on the server or on one board: everything; work with tickets; read and watch."""
