"""The body of a request that adds a webhook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import MaxLen

from kanban_sdk.wire import limits


@dataclass
class NewWebhook:
    """A webhook to add. Deliveries begin after the cursor `after`; absent means from now on."""

    url: Annotated[str, MaxLen(limits.URL_CHARACTERS)]
    secret: Annotated[str, MaxLen(limits.URL_CHARACTERS)] | None = None
    events: Annotated[list[Annotated[str, MaxLen(64)]], MaxLen(64)] = field(default_factory=list)
    after: Annotated[str, MaxLen(64)] | None = None
