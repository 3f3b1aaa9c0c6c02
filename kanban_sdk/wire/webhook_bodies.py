"""What a webhook is added with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import MaxLen

from kanban_sdk.wire import limits


@dataclass
class NewWebhook:
    """What a webhook is added with. `after` is the cursor behind which it begins; absent is from now."""

    url: Annotated[str, MaxLen(limits.URL_CHARACTERS)]
    secret: Annotated[str, MaxLen(limits.URL_CHARACTERS)] | None = None
    events: Annotated[list[Annotated[str, MaxLen(64)]], MaxLen(64)] = field(default_factory=list)
    after: Annotated[str, MaxLen(64)] | None = None
