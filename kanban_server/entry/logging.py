"""Log output: one line an entry, with the request's id and without secrets.

All loggers end here, uvicorn's too. No entry has a body or a query string; anything that looks like a secret is
removed from messages and tracebacks, and control characters are escaped, so that nobody can forge a line.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

REQUEST_ID: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the request in progress."""

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"kbn_[A-Za-z0-9_]+"), "kbn_[redacted]"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]+"), "whsec_[redacted]"),
    (
        re.compile(
            r"""\b((?:proxy-)?authorization|(?:set-)?cookie)(['"]?\s*[:=,]\s*)(?:b?"[^"]*"|b?'[^']*'|[^\r\n]*)""",
            re.IGNORECASE,
        ),
        r"\1\2[redacted]",
    ),
    (re.compile(r"\b(token|secret|password|signature)=[^&\s'\"]+", re.IGNORECASE), r"\1=[redacted]"),
    (re.compile(r"(://[^:/@\s]*):[^@/\s]+@"), r"\1:[redacted]@"),
)
_QUERY = re.compile(r"\?[^\s\"']*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def redact(text: str) -> str:
    """The text without anything that looks like a token, a password, a cookie or a header with one."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def configure_logging(level: str, log_format: str) -> None:
    """Send every logger to stderr: `json`, `text`, or (empty) text on a terminal and JSON elsewhere."""
    as_text = log_format == "text" or (log_format == "" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter() if as_text else JSONFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("uvicorn.error").setLevel(
        max(logging.INFO, logging.root.level)
    )  # its debug level logs all that is sent


class LogFormatter(logging.Formatter):
    """The parts of an entry that both formats share, safe to write."""

    def message_of(self, record: logging.LogRecord) -> str:
        """The message in one line, without query strings, which uvicorn includes in addresses."""
        message = redact(record.getMessage())
        if record.name.startswith("uvicorn"):
            message = _QUERY.sub("?[…]", message)
        return message

    def traceback_of(self, record: logging.LogRecord) -> str | None:
        """The traceback, or None."""
        exc_info = record.exc_info
        if not isinstance(exc_info, tuple) or exc_info[0] is None:
            return record.exc_text and redact(record.exc_text)
        return redact(self.formatException(exc_info))


class JSONFormatter(LogFormatter):
    """One JSON object a line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Format an entry."""
        entry: dict[str, object] = {
            "time": _format_time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.message_of(record),
        }
        if request_id := getattr(record, "request", None) or REQUEST_ID.get():
            entry["request_id"] = request_id
        entry |= getattr(record, "facts", {})
        if traceback := self.traceback_of(record):
            entry["traceback"] = traceback
        return json.dumps(entry, default=repr, separators=(",", ":")).replace("\x7f", "\\u007f")


class TextFormatter(LogFormatter):
    """Lines for people to read."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry; a traceback follows, indented."""
        facts = {"request_id": REQUEST_ID.get(), **getattr(record, "facts", {})}
        suffix = "".join(f" {name}={value}" for name, value in facts.items() if value is not None)
        line = _CONTROL.sub(
            _escape_match, f"{_format_time(record)} {record.levelname} {record.name} {self.message_of(record)}{suffix}"
        )
        traceback = self.traceback_of(record)
        if not traceback:
            return line
        return "\n    ".join([line, *_CONTROL_BUT_NEWLINE.sub(_escape_match, traceback).split("\n")])


def _format_time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escape_match(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}"
