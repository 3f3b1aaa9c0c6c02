"""The codes with which a WebSocket is closed; see the contract for what a client makes of each."""

from __future__ import annotations

from kanban_server.rules.refusals import Refusal

BAD = 1007
"""The request is malformed: it will be refused again."""
SILENT = 1011
"""No answer came, from the client or from the database: come back with the cursor."""
RESTART = 1012
"""The server stops."""
FULL = 1013
"""Too many are here, or have tried: come later."""
NOT_AUTHENTICATED = 4401
"""The socket shows nothing by which its user would be known."""
REMOVED = 4403
"""It is not, or no longer, for its user."""
GONE = 4410
"""There is no such board."""

_BY_TYPE = {"too-many-connections": FULL}
_BY_STATUS = {403: REMOVED, 404: GONE, 503: SILENT, 507: SILENT}


def code_for(refusal: Refusal) -> int:
    """The code for a stream that was refused."""
    return _BY_TYPE.get(refusal.type) or _BY_STATUS.get(refusal.status, BAD)
