"""Requests of a hook: over a plain socket to a server of this machine, through the SDK's transport to any other.

`_socket` is what the module `socket` is made of, which takes 3 ms to load, for enums and selectors.
"""

from __future__ import annotations

import time
from _socket import AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, socket

from kanban_cli.hook.settings import Settings
from kanban_cli.sessions import lean

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MAX_RESPONSE_BYTES = 8 * 1024 * 1024


class Away(Exception):
    """The server gave no answer that counts, for example because it is not running or too slow."""


class Refusal(Exception):
    """The server refused a request."""

    def __init__(self, status: int, problem: dict[str, object]) -> None:
        super().__init__(f"{status} {problem.get('type')}")
        self.status = status
        self.problem_type = str(problem.get("type"))


class Connection:
    """One connection to the server, until `deadline`, in seconds of the monotonic clock."""

    def __init__(self, settings: Settings, deadline: float) -> None:
        self._settings = settings
        self._deadline = deadline
        self._address = _loopback_address(settings.url)
        self._socket: socket | None = None
        self._buffer = b""

    def get(self, path: str) -> object:
        """Get a resource. Raises Refusal, and Away."""
        return self._request("GET", path, None, None)

    def post(self, path: str, body: dict[str, object], lease: str | None = None) -> object:
        """Send a change, made under a lease. Raises Refusal, and Away."""
        return self._request("POST", path, body, lease)

    def _request(self, method: str, path: str, body: dict[str, object] | None, lease: str | None) -> object:
        try:
            if self._address is None:
                return self._request_elsewhere(method, path, body, lease)
            status, content = self._exchange(method, path, body, lease)
            data = lean.loads(content.decode())
        except (OSError, ValueError) as error:
            raise Away(str(error) or type(error).__name__) from error
        if status >= 500 or status == 429:
            raise Away(f"status {status}")
        if status >= 400:
            raise Refusal(status, data if isinstance(data, dict) else {})
        return data

    def _exchange(self, method: str, path: str, body: dict[str, object] | None, lease: str | None) -> tuple[int, bytes]:
        host, port, prefix = self._address or ("", 0, "")
        content = b"" if body is None else lean.dumps(body).encode()
        name = f"[{host}]" if ":" in host else host
        lines = [f"{method} {prefix}{path} HTTP/1.1", f"Host: {name}:{port}", "Accept: application/json"]
        lines += [f"{header}: {value}" for header, value in self._headers(lease).items()]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        stream = self._socket
        if stream is None:
            stream = self._socket = self._connect(host, port)
        stream.settimeout(self.left())
        stream.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + content)
        return self._receive(stream)

    def _connect(self, host: str, port: int) -> socket:
        """Connect; `localhost` is either address of this machine."""
        for address in ("127.0.0.1", "::1") if host == "localhost" else (host,):
            stream = socket(AF_INET6 if ":" in address else AF_INET, SOCK_STREAM)
            stream.settimeout(self.left())
            try:
                stream.connect((address, port))
            except OSError as error:
                stream.close()
                failure = error
            else:
                stream.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
                return stream
        raise failure

    def _receive(self, stream: socket) -> tuple[int, bytes]:
        """Read one response, which must state its length."""
        while b"\r\n\r\n" not in self._buffer:
            self._fill(stream)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
        length = int(headers["content-length"]) if "content-length" in headers else -1
        if not 0 <= length <= MAX_RESPONSE_BYTES:
            raise Away("the response does not state its length")
        while len(self._buffer) < length:
            self._fill(stream)
        content, self._buffer = self._buffer[:length], self._buffer[length:]
        if headers.get("connection", "").lower() == "close":
            stream.close()
            self._socket, self._buffer = None, b""
        return int(first.split(" ")[1]), content

    def _fill(self, stream: socket) -> None:
        stream.settimeout(self.left())
        data = stream.recv(65_536)
        if not data:
            raise Away("the server closed the connection")
        self._buffer += data

    def _headers(self, lease: str | None) -> dict[str, str]:
        headers = {"X-Kanban-Client": "cli", "Prefer": "handling=strict"}
        if self._settings.token:
            headers["Authorization"] = f"Bearer {self._settings.token}"
        if self._settings.user:
            headers["X-Kanban-User"] = quote(self._settings.user)
        if lease:
            headers["Kanban-Lease"] = lease
        return headers

    def _request_elsewhere(self, method: str, path: str, body: dict[str, object] | None, lease: str | None) -> object:
        """Send a request to a server on another machine; only one that the user has named gets any."""
        if not self.is_allowed():
            raise Away(f"only a project names {self._settings.url}: kanban login, or KANBAN_URL, makes it known")
        from kanban_sdk.calls.call import Call
        from kanban_sdk.errors import KanbanError, Refused
        from kanban_sdk.transport.blocking import BlockingTransport

        transport = BlockingTransport(self._settings.url, self._headers(None), timeout=self.left(), tries=1)
        try:
            return transport.send(Call(method, path, _as_it_is, body=body, lease=lease))
        except Refused as error:
            raise Refusal(error.status, dict(error.problem)) from error
        except KanbanError as error:
            raise Away(str(error)) from error

    def is_allowed(self) -> bool:
        """Whether a hook may talk to the server: it is on this machine, or the user has named it."""
        return self._address is not None or self._settings.trusted

    def left(self) -> float:
        """Return the seconds until the deadline. Raises Away if there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Away("the time is up")
        return left


def quote(text: str) -> str:
    """Encode a header's value as percent-encoded UTF-8."""
    if text.isascii() and text.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return text
    from urllib.parse import quote as percent_encode

    return percent_encode(text, errors="surrogatepass")


def _loopback_address(url: str) -> tuple[str, int, str] | None:
    """Return host, port and path of a plain http server of this machine; None for any other."""
    scheme, _, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    host, colon, port = netloc.rpartition(":") if not netloc.endswith("]") else (netloc, "", "")
    host = (host if colon else netloc).strip("[]")
    if scheme != "http" or host not in LOOPBACK or (colon and not port.isdecimal()):
        return None
    return host, int(port) if colon else 80, slash + path if path else ""


def _as_it_is(data: object) -> object:
    return data
