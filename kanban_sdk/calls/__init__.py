"""Every operation of the API as a pure function that returns a `Call`: what to send, and how to read the response.

One module per noun. Clients send the calls; this package does no I/O.
"""

from __future__ import annotations

from kanban_sdk.calls.call import Call

__all__ = ["Call"]
