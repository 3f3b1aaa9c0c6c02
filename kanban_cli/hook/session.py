"""What the hooks of one session know: its claims, and what they have done."""

from __future__ import annotations

import time

from kanban_cli.hook.settings import Settings
from kanban_cli.sessions import session_files

MAX_GIVEN = 200
"""How many items that were given to the agent are remembered."""
MAX_CARRIED = 3
"""How many texts are kept for an event that can carry them."""


class Session:
    """One session of one actor on one server. `save` writes what has changed."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        key = session_files.named_key(name)
        self._owner = session_files.owner_key(settings.url, settings.actor)
        self._tokens_path = session_files.tokens_path(key)
        self._hooks_path = session_files.hooks_path(key)
        self.tokens = dict(session_files.read_tokens(self._tokens_path).get(self._owner, {}))
        """Ticket to lease token, in the order of the claims."""
        self._tokens_before = dict(self.tokens)
        self._done = session_files.read(self._hooks_path)
        self._done_before = repr(self._done)

    def is_due(self, what: str, seconds: float) -> bool:
        """Whether something was last done at least so many seconds ago; if so, it counts as done now."""
        last, now = self._done.get(what), time.time()
        if isinstance(last, int | float) and 0 <= now - last < seconds:
            return False
        self._done[what] = now
        return True

    def was_given(self, what: str, item: str) -> bool:
        """Whether the agent has been given an item."""
        return item in self._list(what)

    def give(self, what: str, item: str) -> None:
        """Remember that the agent has been given an item."""
        self._done[what] = [*self._list(what), item][-MAX_GIVEN:]

    def carry(self, text: str) -> None:
        """Keep a text for the next event that can carry one."""
        if text not in (carried := self._list("carried")):
            self._done["carried"] = [*carried, text][-MAX_CARRIED:]

    def take_carried(self) -> list[str]:
        """Return the kept texts, and forget them."""
        texts = self._list("carried")
        self._done.pop("carried", None)
        return texts

    def mark(self, what: str, *, done: bool) -> None:
        """Remember, or forget, that something is to be done."""
        if done:
            self._done.pop(what, None)
        else:
            self._done[what] = True

    def is_marked(self, what: str) -> bool:
        """Whether something is to be done."""
        return bool(self._done.get(what))

    def save(self) -> None:
        """Write what has changed. The tokens are read again before: a command may have claimed meanwhile."""
        if self.tokens != self._tokens_before:
            everything = session_files.read_tokens(self._tokens_path)
            current = everything.get(self._owner, {})
            for ticket, token in self._tokens_before.items():
                if self.tokens.get(ticket) != token and current.get(ticket) == token:
                    del current[ticket]
            new = {ticket: token for ticket, token in self.tokens.items() if self._tokens_before.get(ticket) != token}
            session_files.write(self._tokens_path, {**everything, self._owner: {**current, **new}})
        if repr(self._done) != self._done_before:
            session_files.write(self._hooks_path, self._done)

    def end(self) -> None:
        """Forget what the hooks have done."""
        self._done = {}
        self._done_before = repr(self._done)
        session_files.remove(self._hooks_path)

    def _list(self, what: str) -> list[str]:
        value = self._done.get(what)
        return [str(one) for one in value] if isinstance(value, list) else []
