"""Every limit of the product, in one place. Bytes are of UTF-8."""

from typing import Final

TITLE_CHARACTERS: Final = 200
TEXT_BYTES: Final = 64 * 1024
"""A description, the acceptance criteria, or a comment."""
BOARD_NAME_CHARACTERS: Final = 100
COLUMN_NAME_CHARACTERS: Final = 50
COLUMNS: Final = 50
"""Columns of one board."""
LABEL_CHARACTERS: Final = 50
LABELS: Final = 50
"""Labels of one ticket."""
USER_NAME_CHARACTERS: Final = 64
AVATAR_BYTES: Final = 64 * 1024
TOKEN_NAME_CHARACTERS: Final = 64
TOKEN_BOARDS: Final = 100
"""Boards that a token may be limited to."""
TOKEN_DAYS_MOST: Final = 3650
SESSION_DAYS: Final = 30
"""How long a browser stays logged in."""
NOTICE_CHARACTERS: Final = 500
REDACTED_LEAST: Final = 4
"""Minimum characters of a text that can be redacted: shorter ones occur everywhere by chance."""
SOURCE_ID_CHARACTERS: Final = 200
FORMER_SOURCE_IDS: Final = 5
"""Former names of one imported ticket."""
FIELD_NAME_CHARACTERS: Final = 64
"""The name of a field in the history of an imported ticket."""
SEARCH_CHARACTERS: Final = 200
PRIORITY_PARTS: Final = 8
PRIORITY_DIGITS: Final = 6
"""Digits in one part of a dotted priority."""

BODY_BYTES: Final = 1024 * 1024
"""A request's body."""
PUBLIC_BODY_BYTES: Final = 16 * 1024
"""A request's body where the viewer is not authenticated yet: logging in, accepting an invite."""
PAGE: Final = 50
"""Tickets on a page, unless the request says otherwise."""
PAGE_MOST: Final = 500
EVENTS_PAGE: Final = 500
"""Events on a page of the log, at most."""
STATS_DAYS: Final = 90
"""Days that statistics cover, unless the request says otherwise."""
STATS_DAYS_MOST: Final = 366
BULK_TICKETS: Final = 500
"""Tickets in one bulk request."""
IMPORT_TICKETS: Final = 100
"""Tickets in one import request."""
LEASE_SECONDS: Final = 30 * 60
"""How long a claim lasts if it is not renewed, unless the claim says otherwise."""
LEASE_SECONDS_LEAST: Final = 10
LEASE_SECONDS_MOST: Final = 24 * 60 * 60
EXPIRIES: Final = 3
"""Leases of a ticket that may expire before a person has to look at it."""
NEEDS_HUMAN: Final = "needs-human"
"""The label of such a ticket; `next` skips it."""
TAGS: Final = 20
"""Tags of what a ticket needs, or of what a user can."""
TAG_CHARACTERS: Final = 50
REASON_CHARACTERS: Final = 200
"""Of the reason of a release."""
BLOCKERS: Final = 100
"""Tickets that one ticket may wait for."""
NEXT_WAIT_SECONDS: Final = 50
"""Seconds for which one request waits for the next ticket; proxies end requests after 60."""
FOLLOWING: Final = 20
"""Tickets that `next` lists after the first one."""
LINKS: Final = 50
"""Links of one ticket."""
LINK_CHARACTERS: Final = 2000
URL_CHARACTERS: Final = 2000
FILES: Final = 100
"""Files of one ticket."""
FILE_NAME_CHARACTERS: Final = 120
"""A file's name as it is stored."""
SENT_NAME_CHARACTERS: Final = 1000
"""A file's name as it is sent; it is made safe and shorter."""
FILE_BYTES: Final = 25 * 1024 * 1024
"""One file."""
TICKET_FILE_BYTES: Final = 100 * 1024 * 1024
"""All files of a ticket."""
BOARD_FILE_BYTES: Final = 2 * 1024 * 1024 * 1024
"""All files of a board."""
IMAGE_PIXELS: Final = 40_000_000
"""Width times height of a picture that is shown in place."""
WATCHERS: Final = 100
"""Users who watch one ticket."""
MENTIONS: Final = 50
"""Users that one comment may mention; the first ones count."""
INBOX: Final = 100
"""Entries of the inbox in one response."""
WHY_TICKETS: Final = 200
WHY_DEPTH: Final = 50
"""Limit of the `why` response: the number of tickets in it, and the length of a chain of blockers."""
ARCHIVE_DAYS: Final = 14
"""How many days a ticket must have been done before it is archived, unless the request says otherwise."""

IDEMPOTENCY_KEY_CHARACTERS: Final = 255
IDEMPOTENCY_HOURS: Final = 24

CONNECTIONS: Final = 1000
FRAME_BYTES: Final = 64 * 1024
"""A WebSocket message from a client."""
MESSAGES_PER_SECOND: Final = 10
"""WebSocket messages from one client."""
PRESENCE_PER_SECOND: Final = 20
"""Presence messages from one client; only the newest counts."""
HEARTBEAT_SECONDS: Final = 30

ID_MOST: Final = 2**53 - 1
"""The largest id that every JSON reader represents exactly."""
