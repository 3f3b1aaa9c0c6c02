"""The codes with which a WebSocket is closed; see the contract for what a client makes of each."""

from __future__ import annotations

from kanban_server.rules.problems import Refusal

INVALID_REQUEST = 1007
"""The request is malformed: it will be refused again."""
UNAVAILABLE = 1011
"""No answer came, from the client or from the database: come back with the cursor."""
SERVICE_RESTART = 1012
"""The server stops."""
TRY_AGAIN_LATER = 1013
"""Too many are here, or have tried: come later."""
NOT_AUTHENTICATED = 4401
"""The socket shows nothing by which its user would be known."""
ACCESS_REMOVED = 4403
"""It is not, or no longer, for its user."""
BOARD_GONE = 4410
"""There is no such board."""

_BY_TYPE = {"too-many-connections": TRY_AGAIN_LATER}
_CODE_BY_STATUS = {403: ACCESS_REMOVED, 404: BOARD_GONE, 503: UNAVAILABLE, 507: UNAVAILABLE}


def close_code_for(refusal: Refusal) -> int:
    """The code for a stream that was refused."""
    return _BY_TYPE.get(refusal.type) or _CODE_BY_STATUS.get(refusal.status, INVALID_REQUEST)
