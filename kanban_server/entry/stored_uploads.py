"""Contents that a request has sent, stored so that they can be attached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kanban_server.actions.files import Upload
from kanban_server.entry.state import State
from kanban_server.files.preparation import prepare
from kanban_server.files.spool import Spool


@asynccontextmanager
async def stored_upload(state: State, board_id: int, name: str, received: Spool) -> AsyncIterator[Upload]:
    """Prepare and store a content, to be attached within the block. What no file has after the block is deleted.

    `received` is closed. Refused: `invalid-image`, `storage-full`.
    """
    try:
        prepared = await asyncio.to_thread(prepare, received, state.settings.image_pixels)
    except BaseException:
        received.close()
        raise
    blob_ids: list[int] = []
    try:
        blob_ids.append(await state.storage.store(board_id, prepared.content))
        if prepared.thumbnail is not None:
            blob_ids.append(await state.storage.store(board_id, prepared.thumbnail))
        width, height = prepared.size or (None, None)
        thumbnail_id = blob_ids[1] if len(blob_ids) > 1 else None
        yield Upload(
            name, prepared.content.size, prepared.media_type, blob_ids[0], width, height, thumbnail_id, prepared.problem
        )
    finally:
        prepared.close()
        if blob_ids:
            await asyncio.shield(state.storage.discard(blob_ids))
