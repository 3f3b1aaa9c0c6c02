"""A question is a gate: those whom it asks answer it, who asked withdraws it, and an admin of the board closes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from kanban_sdk import Invalid, Kanban, KanbanWarning, NotAllowed
from tests.faults.validators import check_everything
from tests.support.actors import ON_BOTH, Actor
from tests.support.databases import Databases
from tests.support.mcp import agent


class Others:
    """Further users of an actor's board: names without users on an open server."""

    def __init__(self, actor: Actor, databases: Databases, config: pytest.Config, database: str) -> None:
        self.actor = actor
        self.guarded = None if actor.token is None else databases.guarded(database, config)
        self.closing = ExitStack()
        self.tokens: dict[str, str] = {}
        """Token by user; empty on an open server."""

    def join(self, word: str, role: str = "user") -> Kanban:
        """Make a new member of the board; its client's `user` has its name."""
        name = f"{word}-{uuid4().hex[:8]}"
        if self.guarded is None:
            return self.closing.enter_context(self.actor.server.kanban(name))
        token = self.guarded.person(name)
        self.tokens[name] = token
        self.guarded.member(self.guarded.root, self.actor.board, name, role)
        return self.closing.enter_context(self.actor.server.kanban(name, token=token))


@pytest.fixture
def others(
    request: pytest.FixtureRequest, databases: Databases, pytestconfig: pytest.Config, actor_database: str
) -> Iterator[Others]:
    """The other users on the board of the test's actor."""
    actor = request.getfixturevalue("actor" if "actor" in request.fixturenames else "writer")
    found = Others(actor, databases, pytestconfig, actor_database)
    with found.closing:
        yield found


def name_of(kanban: Kanban) -> str:
    return str(kanban.user)


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_question_names_whom_it_asks_and_only_they_answer_it(writer: Actor, others: Others) -> None:
    kanban, owner, third = writer.kanban(), others.join("owner"), others.join("third")
    ticket = kanban.tickets.create("Region", board=writer.board).id
    kanban.tickets.claim(ticket)
    asked = kanban.tickets.ask(ticket, "@everyone which one?", to=name_of(owner))
    assert (asked.ticket.asked, asked.ticket.open_question) == ([name_of(owner)], asked.comment.id)
    assert [item.kind for item in owner.inbox.unread().items if item.comment_id == asked.comment.id] == ["ask"]
    why = kanban.tickets.why(ticket)
    assert ("question" in why.reasons, why.asked, why.asked_by) == (True, [name_of(owner)], writer.name)
    nothing = third.boards.next_ticket(writer.board)
    assert f"{ticket} waits for {name_of(owner)}'s answer to {writer.name}" in (nothing.why or "")
    assert nothing.stop
    if writer.token is not None:
        with pytest.warns(KanbanWarning, match=f"still waits for {name_of(owner)} to answer {writer.name}"):
            third.comments.add(ticket, "I would take the first.")
        assert kanban.tickets.get(ticket).asked == [name_of(owner)]
        assert kanban.boards.next_ticket(writer.board, or_reply=True).reply is None
    answer = owner.comments.add(ticket, "The second.")
    reply = kanban.boards.next_ticket(writer.board, or_reply=True).reply
    assert reply is not None
    assert reply.id == answer.id
    answered = kanban.tickets.get(ticket)
    assert (answered.asked, answered.open_question, answered.current_column) == ([], None, "In Progress")
    check_everything(kanban, writer.board)


@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_who_asked_withdraws_a_question_and_of_others_an_admin_closes_it(actor: Actor, others: Others) -> None:
    asker, owner, kanban = others.join("asker"), others.join("owner"), actor.kanban()
    ticket = asker.tickets.create("Region", board=actor.board).id
    question = asker.tickets.ask(ticket, "Which one?", to=name_of(owner)).comment
    if actor.kind in {"open", "server admin", "board admin"}:
        with pytest.raises(Invalid, match="gets your note"):
            kanban.tickets.withdraw(ticket)
        assert kanban.tickets.get(ticket).open_question == question.id
        kanban.tickets.withdraw(ticket, "Decided elsewhere.")
        assert [comment.text for comment in asker.comments.all(ticket)] == ["Which one?", "Decided elsewhere."]
    else:
        with pytest.raises(NotAllowed):
            kanban.tickets.withdraw(ticket, "Not needed.")
        assert asker.tickets.get(ticket).asked == [name_of(owner)]
        asker.tickets.withdraw(ticket)
    withdrawn = asker.tickets.withdraw(ticket)
    assert (withdrawn.asked, withdrawn.open_question) == ([], None), "again changes nothing"
    assert (withdrawn.current_column, asker.boards.next_ticket(actor.board).stop) == ("Not Started", None)
    assert not [item for item in owner.inbox.unread().items if item.comment_id == question.id]
    events = kanban.boards.events(actor.board, after=0).events
    assert [event.data["author"] for event in events if event.event == "question_withdrawn"] == [name_of(asker)]
    check_everything(asker, actor.board)


@pytest.mark.parametrize("way", ["http", "batch", "mcp"])
@pytest.mark.parametrize("actor_database", ON_BOTH)
def test_a_released_ticket_waits_for_its_answer_and_then_is_ready(writer: Actor, others: Others, way: str) -> None:
    kanban, owner = writer.kanban(), others.join("owner")
    ticket = kanban.tickets.create("Region", board=writer.board).id
    kanban.tickets.claim(ticket)
    kanban.tickets.ask(ticket, "Which one?", to=name_of(owner))
    assert kanban.tickets.release(ticket).current_column == "Blocked"
    assert kanban.boards.next_ticket(writer.board).stop
    if way == "http":
        owner.comments.add(ticket, "The second.")
    elif way == "batch":
        owner.tickets.batch([{"op": "comment", "ticket": ticket, "text": "The second."}])
    else:
        token = others.tokens.get(name_of(owner))
        headers = {"Authorization": f"Bearer {token}"} if token else {"X-Kanban-User": name_of(owner)}
        with agent(f"{writer.server.url}/mcp", headers=headers) as tools:
            tools("comment_add", ticket=ticket, text="The second.")
    ready = kanban.boards.next_ticket(writer.board).ticket
    assert ready is not None
    assert (ready.id, ready.current_column) == (ticket, "Not Started")
    check_everything(kanban, writer.board)


def test_who_withdraws_their_question_goes_on_and_waits_for_no_reply(writer: Actor, others: Others) -> None:
    kanban, owner, third = writer.kanban(), others.join("owner"), others.join("third")
    ticket = kanban.tickets.create("Region", board=writer.board).id
    kanban.tickets.claim(ticket)
    kanban.tickets.ask(ticket, "Which one?", to=name_of(owner))
    if writer.token is not None:
        with pytest.warns(KanbanWarning):
            third.comments.add(ticket, "I would take the first.")
    assert kanban.tickets.withdraw(ticket).current_column == "In Progress"
    assert kanban.boards.next_ticket(writer.board, or_reply=True).reply is None
    assert kanban.tickets.release(ticket).current_column == "Not Started"


def test_a_question_of_another_is_not_replaced_and_nobody_is_asked_who_could_not_answer(
    writer: Actor, others: Others
) -> None:
    kanban, asker, owner = writer.kanban(), others.join("asker"), others.join("owner")
    ticket = asker.tickets.create("Region", board=writer.board).id
    for to in (name_of(asker), *([] if writer.token is None else ["nobody-here", name_of(others.join("x", "viewer"))])):
        with pytest.raises(Invalid, match="answer") as refused:
            asker.tickets.ask(ticket, "Which one?", to=to)
        assert refused.value.problem["field"] == "to"
    assert asker.tickets.get(ticket).comment_count == 0
    asked = asker.tickets.ask(ticket, "Which one?", to=name_of(owner).upper() if writer.token else name_of(owner))
    assert asked.ticket.asked == [name_of(owner)]
    if writer.kind in {"open", "server admin", "board admin"}:
        assert kanban.tickets.ask(ticket, "Or none?", to=name_of(asker)).ticket.asked == [name_of(asker)]
    else:
        with pytest.raises(NotAllowed, match=name_of(owner)):
            kanban.tickets.ask(ticket, "Or none?", to=name_of(asker))
        assert asker.tickets.get(ticket).asked == [name_of(owner)]
    own = kanban.tickets.create("Own", board=writer.board).id
    assert kanban.tickets.ask(own, "Nobody made it but me.").ticket.asked == []
