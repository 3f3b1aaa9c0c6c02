"""Refusals: how the server reports that it does not carry out a request."""

from __future__ import annotations

from typing import Any

from kanban_sdk.wire.problems import PROBLEMS


class Refusal(Exception):
    """A request that is not carried out, and why.

    `type` is a key of `PROBLEMS`; `detail` tells what happened; `fix`, if there is one, what to do next; `facts` are
    data that a program needs to continue.
    """

    def __init__(self, type: str, detail: str, *, fix: str | None = None, **facts: Any) -> None:
        super().__init__(detail)
        self.type = type
        self.detail = detail
        self.fix = fix
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEMS[self.type].status

    def body(self) -> dict[str, object]:
        """The refusal as a problem (RFC 9457)."""
        problem = PROBLEMS[self.type]
        fields = {"type": self.type, "title": problem.title, "status": problem.status, "detail": self.detail}
        if self.fix:
            fields["fix"] = self.fix
        return {**self.facts, **fields}


def not_found(kind: str, number: object, *, fix: str | None = None) -> Refusal:
    """The board, ticket or comment does not exist, or the viewer may not see it."""
    return Refusal("not-found", f"There is no {kind} {number}.", fix=fix, what=kind, id=number)
