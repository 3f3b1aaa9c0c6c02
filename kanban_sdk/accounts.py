"""Users, tokens and members: each operation bound twice, as in `resources`."""

from __future__ import annotations

from kanban_sdk.binding import AsyncResource, Resource, awaited, blocking
from kanban_sdk.calls import members, tokens, users


class Users(Resource):
    """Users, and the client's own profile.

    >>> zoe = kanban.users.create("zoe", display_name="Zoë")
    >>> kanban.users.edit("zoe", display_name="Zoe"), kanban.users.get("zoe"), kanban.users.all()
    >>> kanban.users.edit_me(theme="dark"), kanban.users.me(), kanban.users.session()
    >>> kanban.users.notify("Back in five minutes.")
    """

    all = blocking(users.all)
    create = blocking(users.create)
    get = blocking(users.get)
    edit = blocking(users.edit)
    me = blocking(users.me)
    edit_me = blocking(users.edit_me)
    session = blocking(users.session)
    notify = blocking(users.notify)


class AsyncUsers(AsyncResource):
    """Users, and the client's own profile."""

    all = awaited(users.all)
    create = awaited(users.create)
    get = awaited(users.get)
    edit = awaited(users.edit)
    me = awaited(users.me)
    edit_me = awaited(users.edit_me)
    session = awaited(users.session)
    notify = awaited(users.notify)


class Tokens(Resource):
    """Tokens, and invites.

    >>> token = kanban.tokens.create("laptop", access="read", days=30)
    >>> kanban.tokens.all(), kanban.tokens.revoke(token.token.id)
    >>> invite = kanban.tokens.invite("robot", kind="agent")
    >>> kanban.tokens.join(invite.secret)
    """

    all = blocking(tokens.all)
    create = blocking(tokens.create)
    revoke = blocking(tokens.revoke)
    invite = blocking(tokens.invite)
    join = blocking(tokens.join)


class AsyncTokens(AsyncResource):
    """Tokens, and invites."""

    all = awaited(tokens.all)
    create = awaited(tokens.create)
    revoke = awaited(tokens.revoke)
    invite = awaited(tokens.invite)
    join = awaited(tokens.join)


class Members(Resource):
    """Members of boards.

    >>> kanban.members.put(1, "zoe", role="user")
    >>> kanban.members.all(1), kanban.members.remove(1, "zoe")
    """

    all = blocking(members.all)
    put = blocking(members.put)
    remove = blocking(members.remove)


class AsyncMembers(AsyncResource):
    """Members of boards."""

    all = awaited(members.all)
    put = awaited(members.put)
    remove = awaited(members.remove)
