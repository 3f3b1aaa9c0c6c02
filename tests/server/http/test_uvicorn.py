"""What the server's two protocols use of uvicorn. A release of uvicorn that changes one of these names fails here."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kanban_server.http.uvicorn_protocol import TimeoutProtocol
from kanban_server.websocket.transport import DirectProtocol

OWN_METHODS: dict[type, set[str]] = {
    TimeoutProtocol: {"end"},
    DirectProtocol: {"set_connection_limit", "limit", "close_sent"},
}
"""Public methods that uvicorn does not have and does not call."""
FIELDS: list[tuple[type, set[str]]] = [
    (HttpToolsProtocol, {"transport", "client", "connections", "cycle", "scope", "flow", "loop"}),
    (RequestResponseCycle, {"transport", "response_complete"}),
    (FlowControl, {"read_paused"}),
    (WebSocketsSansIOProtocol, {"transport", "writable", "conn", "frames", "close_sent", "handshake_complete", "loop"}),
]
CALLED: list[tuple[type, set[str]]] = [
    (HttpToolsProtocol, {"_unset_keepalive_if_required"}),
    (FlowControl, {"resume_reading"}),
    (WebSocketsSansIOProtocol, {"handle_parser_exception"}),
]


def fields_of(cls: type) -> set[str]:
    """The attributes that `__init__` sets."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls.__init__)))  # type: ignore[misc]
    targets = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
    return {node.attr for node in targets if isinstance(node.value, ast.Name) and node.value.id == "self"}


@pytest.mark.parametrize("cls", [TimeoutProtocol, DirectProtocol], ids=lambda cls: cls.__name__)
def test_every_method_that_a_protocol_overrides_is_uvicorns(cls: type) -> None:
    overrides = {name for name, value in vars(cls).items() if inspect.isfunction(value) and name[0] != "_"}
    missing = {name for name in overrides - OWN_METHODS[cls] if not hasattr(cls.__base__, name)}
    assert not missing, f"uvicorn has no {missing}: what {cls.__name__} does there is not called"
    for name in overrides - OWN_METHODS[cls]:
        ours, theirs = inspect.signature(getattr(cls, name)), inspect.signature(getattr(cls.__base__, name))
        assert [*ours.parameters] == [*theirs.parameters], f"{cls.__name__}.{name} has other parameters in uvicorn"


@pytest.mark.parametrize(("cls", "names"), FIELDS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_field_that_a_protocol_reads_is_uvicorns(cls: type, names: set[str]) -> None:
    assert not names - fields_of(cls), f"uvicorn's {cls.__name__} has no longer {names - fields_of(cls)}"


@pytest.mark.parametrize(("cls", "names"), CALLED, ids=lambda value: getattr(value, "__name__", ""))
def test_every_method_that_a_protocol_calls_is_uvicorns(cls: type, names: set[str]) -> None:
    missing = {name for name in names if not callable(getattr(cls, name, None))}
    assert not missing, f"uvicorn's {cls.__name__} has no longer {missing}"
