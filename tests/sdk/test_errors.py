"""Problem types as exceptions, each with its facts."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from kanban_sdk import (
    AlreadyClaimed,
    Board,
    ColumnInUse,
    Conflict,
    Invalid,
    Kanban,
    NotAllowed,
    NotAuthor,
    NotFound,
    Refused,
    Resync,
    ServerError,
    TooLarge,
    TooManyRequests,
    UnknownColumn,
    Unreachable,
    VersionConflict,
    errors,
    problem_types,
)
from kanban_sdk.wire.problems import PROBLEMS
from tests.support.servers import Server

STATUSES = {
    401: "not-authenticated",
    403: "origin-refused host-refused not-allowed name-mismatch removed not-author",
    404: "not-found",
    405: "method-not-allowed",
    409: """
        column-in-use archived already-claimed lease-lost column-full user-limit dependency-cycle
        review-required unmet idempotency-pending secret-shown file-exists backup-failed
        transfer-failed database-linked quota-exceeded open-mode name-taken last-admin
    """,
    410: "resync invalid-invite",
    412: "version-conflict",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: """
        invalid-request unknown-field invalid-cursor title-too-long text-too-long page-too-large
        invalid-name name-required reserved-name ambiguous-name invalid-priority unknown-column
        invalid-columns webhook-refused other-board idempotency-mismatch invalid-image
    """,
    429: "too-many-requests too-many-messages",
    500: "internal",
    501: "mcp-not-installed",
    503: "too-many-connections busy not-ready stopping database-replaced",
    507: "storage-full",
}
"""Each HTTP status with its problem types, written down here once more: clients and proxies rely on the status."""


def drawn() -> Iterator[tuple[str, str]]:
    """Each class of the tree in the docstring, with its base class."""
    branches: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"(?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)", line)
        if match and (match["indent"] or match["name"] == "KanbanError"):
            depth = len(match["indent"]) // 4
            branches[depth:] = [match["name"]]
            yield match["name"], branches[depth - 1] if depth else "Exception"


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.KanbanError)]
    assert sorted(drawn()) == sorted((one.__name__, one.__bases__[0].__name__) for one in classes)


def test_every_problem_type_has_an_exception() -> None:
    assert problem_types.EXCEPTIONS.keys() == PROBLEMS.keys()


def test_every_problem_type_keeps_its_status() -> None:
    statuses = {type: status for status, types in STATUSES.items() for type in types.split()}
    assert {type: problem.status for type, problem in PROBLEMS.items()} == statuses


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, NotAllowed),
        (403, NotAllowed),
        (404, NotFound),
        (409, Conflict),
        (412, Conflict),
        (418, Invalid),
        (422, Invalid),
        (429, TooManyRequests),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_an_unknown_problem_type_is_mapped_by_its_status(status: int, kind: type[Refused]) -> None:
    problem = {"type": "from-the-future", "status": status, "detail": "No.", "fact": 7}
    refused = problem_types.exception_for(problem)
    assert type(refused) is kind
    assert (refused.type, refused.fact) == ("from-the-future", 7)  # type: ignore[attr-defined]


def test_an_exception_can_be_pickled() -> None:
    refused = problem_types.exception_for(
        {"type": "already-claimed", "status": 409, "detail": "Held.", "held_by": "bob"}
    )
    again = pickle.loads(pickle.dumps(refused))
    assert (type(again), str(again), again.problem, again.held_by) == (AlreadyClaimed, "Held.", refused.problem, "bob")
    lost = pickle.loads(pickle.dumps(Unreachable("http://board.example", "cut")))
    assert (lost.url, lost.reason) == ("http://board.example", "cut")


def test_a_refusal_has_its_facts_as_attributes(kanban: Kanban, board: Board, server: Server) -> None:
    ticket = kanban.tickets.create("one", board=board.id)

    with pytest.raises(NotFound) as not_found:
        kanban.tickets.get(10**9)
    assert (not_found.value.status, not_found.value.type) == (404, "not-found")
    assert not_found.value.fix

    with pytest.raises(UnknownColumn) as unknown:
        kanban.tickets.move(ticket.id, "Nowhere")
    assert unknown.value.columns == board.columns

    edited = kanban.tickets.edit(ticket.id, title="two")
    with pytest.raises(VersionConflict) as conflict:
        kanban.tickets.edit(ticket.id, version=ticket.version, title="three")
    assert conflict.value.current_version == edited.version
    assert conflict.value.current["title"] == "two"
    assert [change["field"] for change in conflict.value.changed] == ["title"]

    with pytest.raises(TooLarge) as long:
        kanban.tickets.create("t" * 201, board=board.id)
    assert long.value.limit == 200

    with pytest.raises(ColumnInUse) as in_use:
        kanban.boards.set_columns(board.id, board.columns[1:])
    assert (in_use.value.column, in_use.value.tickets) == (board.columns[0], 1)

    with pytest.raises(Resync) as resync:
        kanban.boards.events(board.id, after="deadbeef-1")
    assert (resync.value.reason, resync.value.floor) == ("epoch", 0)
    assert resync.value.head == kanban.boards.snapshot(board.id).seq

    comment = kanban.comments.add(ticket.id, "mine")
    kanban.tickets.claim(ticket.id)
    with server.kanban("bob") as bob:
        with pytest.raises(NotAuthor):
            bob.comments.edit(comment.id, "yours")
        with pytest.raises(AlreadyClaimed) as claimed:
            bob.tickets.claim(ticket.id)
    assert claimed.value.held_by == "ada"
    assert (claimed.value.expires_at or "") > ticket.created_at
