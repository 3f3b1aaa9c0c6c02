"""The file that an import reads: a path or stdin, decoded by its byte order mark, within limits."""

from __future__ import annotations

import codecs
import io
import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO

LINE_CHARACTERS = 4 * 1024 * 1024
"""Characters of one line."""
DOCUMENT_BYTES = 256 * 1024 * 1024
"""Bytes of a file that is read as a whole, and of an unpacked file of a zip archive."""
HEAD_CHARACTERS = 64 * 1024
_CHUNK = 1024 * 1024
_ZIP_MARK = b"PK\x03\x04"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class ParseError(ValueError):
    """Unreadable input, with its file and line, and the place in it if lines do not tell."""

    def __init__(self, file: str, line: int, reason: str, *, place: str = "", fix: str | None = None) -> None:
        super().__init__(reason)
        self.file = file
        self.line = line
        self.place = place
        self.fix = fix


class ParseErrors(ValueError):
    """The errors of several files of a folder."""

    def __init__(self, errors: list[ParseError]) -> None:
        super().__init__(f"{len(errors)} files can't be read")
        self.errors = errors


class Source:
    """A file that can be read several times. Stdin and files of zip archives are copied to a temporary file first."""

    def __init__(self, name: str, path: Path | None, data: IO[bytes] | None = None) -> None:
        self.name = name
        """The name in reports: a path, or `-`."""
        self.path = path
        self._data = data
        self._is_checked = False

    @classmethod
    def open(cls, path: Path) -> Source:
        """Open a file, a folder, or stdin (`-`). Raises OSError and ParseError."""
        if str(path) == "-":
            copy: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
            shutil.copyfileobj(sys.stdin.buffer, copy)
            return cls._unpacked("-", None, copy)
        if path.is_dir():
            return cls(str(path), path)
        with path.open("rb") as file:
            mark = file.read(len(_ZIP_MARK))
        return cls._unpacked(str(path), path, path.open("rb") if mark == _ZIP_MARK else None)

    @classmethod
    def of(cls, name: str, data: bytes) -> Source:
        """Create a source from bytes."""
        return cls(name, None, io.BytesIO(data))

    @classmethod
    def _unpacked(cls, name: str, path: Path | None, data: IO[bytes] | None) -> Source:
        if data is not None:
            data.seek(0)
            if data.read(len(_ZIP_MARK)) == _ZIP_MARK:
                return _unpack(name, data)
        return cls(name, path, data)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path is not None and self.path.is_dir()

    @property
    def stem(self) -> str:
        """The file's name without its ending; `stdin` for stdin."""
        return "stdin" if self.name == "-" else PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The ending of the file's name, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @cached_property
    def head(self) -> str:
        """The first characters, for recognizing the format; undecodable bytes are replaced."""
        with self._open() as file:
            encoding = _encoding(file)
            return file.read(HEAD_CHARACTERS).decode(encoding, errors="replace")

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends. Raises ParseError for an undecodable or a very long line."""
        self._check()
        with self._open() as file:
            text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
            number = 0
            try:
                while line := text.readline(LINE_CHARACTERS + 1):
                    number += 1
                    if len(line) > LINE_CHARACTERS:
                        raise self.error(number, f"it has more than {LINE_CHARACTERS:,} characters")
                    yield line
            finally:
                with suppress(ValueError):  # the file is closed already
                    text.detach()  # else the wrapper closes a temporary file

    @cached_property
    def text(self) -> str:
        """The whole text. Raises ParseError if it is undecodable or larger than `DOCUMENT_BYTES`."""
        with self._open() as file:
            size = file.seek(0, io.SEEK_END)
        if size > DOCUMENT_BYTES:
            raise self.error(1, f"the file has {size:,} bytes; {DOCUMENT_BYTES:,} is the most")
        self._check()
        with self._open() as file:
            encoding = _encoding(file)
            return file.read().decode(encoding)

    @cached_property
    def document(self) -> object:
        """The whole file as one JSON value. Raises ParseError."""
        text = self.text
        try:
            value: object = json.loads(text)
        except json.JSONDecodeError as error:
            raise self.error(error.lineno, error.msg) from error
        except RecursionError as error:
            raise self.error(1, "its lists and objects are nested too deep") from error
        except ValueError as error:
            raise self.error(1, str(error)[:200]) from error
        return value

    def error(self, line: int, reason: str, *, place: str = "", fix: str | None = None) -> ParseError:
        """Return the error for a line of this file."""
        return ParseError(self.name, line, reason, place=place, fix=fix)

    def _check(self) -> None:
        """Decode the whole file once. Raises ParseError with the line that is not text."""
        if self._is_checked:
            return
        line = 1
        with self._open() as file:
            encoding = _encoding(file)
            decoder = codecs.getincrementaldecoder(encoding)()
            while True:
                chunk = file.read(_CHUNK)
                try:
                    line += decoder.decode(chunk, final=not chunk).count("\n")
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].decode(encoding, errors="replace").count("\n")
                    shown = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()
                    fix = None if self.path is None else f"iconv -f WINDOWS-1252 -t UTF-8 {self.name}"
                    raise self.error(line, f"it is not {shown}: {error.reason}", fix=fix) from error
                if not chunk:
                    break
        self._is_checked = True

    def _open(self) -> AbstractContextManager[IO[bytes]]:
        """Open the file at its beginning. A temporary file stays open."""
        if self._data is None:
            assert self.path is not None
            return self.path.open("rb")
        self._data.seek(0)
        return nullcontext(self._data)


def _encoding(file: IO[bytes]) -> str:
    """Return the encoding that the byte order mark names, else UTF-8. The file is at its beginning again after it."""
    start = file.read(4)
    file.seek(0)
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "utf-8-sig")


def _unpack(name: str, data: IO[bytes]) -> Source:
    """Copy the table or JSON document of a zip archive. Raises ParseError."""
    try:
        with zipfile.ZipFile(data) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            nested = [entry for entry in entries if entry.filename.endswith(".zip")]
            chosen = _choose_entry(entries)
            if chosen is None and len(nested) == 1:
                return _unpack(name, _copy_entry(name, archive, nested[0]))
            if chosen is None:
                raise ParseError(name, 1, "the archive holds no single table or JSON document", fix=f"unzip -l {name}")
            return Source(f"{name}/{chosen.filename}", None, _copy_entry(name, archive, chosen))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ParseError(name, 1, f"the archive can't be unpacked: {error}", fix=f"unzip -t {name}") from error


def _choose_entry(entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo | None:
    """Return the entry with the tickets: the one `…_all.csv`, `data.json`, CSV or JSON; None if it is unclear."""
    for ending in ("_all.csv", "data.json", ".csv", ".json"):
        matches = [entry for entry in entries if entry.filename.endswith(ending)]
        if matches:
            return matches[0] if len(matches) == 1 else None
    return None


def _copy_entry(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """Unpack an entry to a temporary file. Raises ParseError if it is too large, whatever the archive says."""
    copy: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
    size = 0
    with archive.open(entry) as packed:
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            if max(size, entry.file_size) > DOCUMENT_BYTES:
                most = f"{DOCUMENT_BYTES:,} bytes is the most"
                raise ParseError(name, 1, f"{entry.filename} unpacks to more: {most}", fix=f"unzip -l {name}")
            copy.write(chunk)
    copy.seek(0)
    return copy
