"""Attach files to tickets, and read them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.server.rest import Json


def attach(rest: httpx.Client, ticket: int, name: str, content: bytes, **headers: str) -> httpx.Response:
    path, query = f"/api/tickets/{ticket}/files", {"name": name}
    return rest.post(path, params=query, content=content, headers=headers)


def attached(rest: httpx.Client, ticket: int, name: str, content: bytes, **headers: str) -> Json:
    response = attach(rest, ticket, name, content, **headers)
    assert response.status_code == 201, response.text
    body: Json = response.json()
    return body


def read(rest: httpx.Client, ticket: int, name: str, **query: Any) -> httpx.Response:
    return rest.get(f"/api/tickets/{ticket}/files/{name}", params=query)
