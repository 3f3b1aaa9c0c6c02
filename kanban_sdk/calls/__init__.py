"""Every operation of the API as a pure function that returns a `Call`: what to send, and how to read the answer.

One module a noun. Clients send calls; nothing here knows how.
"""

from __future__ import annotations

from kanban_sdk.calls.call import Call

__all__ = ["Call"]
