"""WebSocket close codes; the contract says what a client does with each."""

from __future__ import annotations

from kanban_server.rules.problems import Refusal

INVALID_REQUEST = 1007
"""The request is malformed: a retry is refused again."""
UNAVAILABLE = 1011
"""The client or the database did not answer: reconnect with the cursor."""
SERVICE_RESTART = 1012
"""The server stops."""
TRY_AGAIN_LATER = 1013
"""Too many connections or attempts: reconnect later."""
NOT_AUTHENTICATED = 4401
"""The socket has no valid credential."""
ACCESS_REMOVED = 4403
"""The user has no access, or no longer has it."""
BOARD_GONE = 4410
"""There is no such board."""

_BY_TYPE = {"too-many-connections": TRY_AGAIN_LATER}
_CODE_BY_STATUS = {403: ACCESS_REMOVED, 404: BOARD_GONE, 503: UNAVAILABLE, 507: UNAVAILABLE}


def close_code_for(refusal: Refusal) -> int:
    """The close code for a refused stream."""
    return _BY_TYPE.get(refusal.type) or _CODE_BY_STATUS.get(refusal.status, INVALID_REQUEST)
