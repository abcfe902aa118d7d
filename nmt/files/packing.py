"""Packings of text, known by their first bytes. gzip, bzip2, xz and zstd are read and written, others refused by name."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import PurePath
from typing import Literal, cast

from nmt.errors import InputError

Packing = Literal["gz", "bz2", "xz", "zst"]

_BEGINNING = 512  # bytes: the header of a tar archive
_BUFFER = 1 << 18
_UNPACK = "unpack it, and name the text in it"
_PACKINGS: tuple[tuple[bytes, Packing], ...] = (
    (rb"\x1f\x8b", "gz"),
    (rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", "bz2"),
    (rb"\xfd7zXZ\x00", "xz"),
    (rb"\x28\xb5\x2f\xfd", "zst"),
)
_REFUSED = (
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a zip archive, as documents of office programs are", _UNPACK),
    (rb"(?s).{257}ustar", "a tar archive", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a rar archive", _UNPACK),
    (rb"\x04\x22\x4d\x18", "packed by lz4", _UNPACK),
    (rb"LZIP\x01", "packed by lzip", _UNPACK),
    (rb"\x1f\x9d", "packed by compress", _UNPACK),
    (rb"\xff\x06\x00\x00sNaPpY", "packed by snappy", _UNPACK),
    (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "UTF-32 text", "convert it to UTF-8, as by iconv -f UTF-32 -t UTF-8"),
    (rb"\xff\xfe|\xfe\xff", "UTF-16 text", "convert it to UTF-8, as by iconv -f UTF-16 -t UTF-8"),
    (rb"%PDF-", "a PDF document", "export it as text"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an office program", "export it as text"),
    (rb"PAR1", "a Parquet table", "export it as tab-separated values"),
    (rb"SQLite format 3\x00", "an SQLite database", "export it as tab-separated values"),
    (rb"\x7fELF|\x89PNG|\xff\xd8\xff|GIF8[79]a", "a program or a picture", "name a file of text"),
)
_EMPTY_FRAME = b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"  # of zstd, whose library writes none for no data
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tzst|7z|rar|z|lz|lz4)$|\.tar\.\w+$", re.IGNORECASE)


def unpacked(stream: io.RawIOBase, *, name: str) -> io.BufferedReader:
    """The text in `stream`, which is called `name` in messages. Raises InputError where its first bytes are no text's.

    Reading raises OSError or EOFError where what is packed is damaged or ends too soon.
    """
    start = stream.tell() if stream.seekable() else None
    begun = _Begun(stream)
    packing = _packing_of(begun.beginning, name)
    if packing is None:
        return io.BufferedReader(begun, _BUFFER)
    from xopen import xopen  # loads four libraries

    opened = cast(io.BufferedIOBase, xopen(io.BufferedReader(begun, _BUFFER), "rb", threads=0, format=packing))
    inner = _Begun(_Gunzipped(opened, stream, start) if packing == "gz" and start is not None else opened)
    if nested := _packing_of(inner.beginning, name):
        raise InputError(f"{name}: is packed twice, by {packing} and {nested}; {_UNPACK}")
    return io.BufferedReader(inner, _BUFFER)


def packed(data: bytes, packing: Packing) -> bytes:
    """A whole member of a file packed by `packing`. Members can stand one after the other in a file."""
    from xopen import xopen

    member = io.BytesIO()
    with xopen(member, "wb", threads=0, format=packing, compresslevel=None if packing == "bz2" else 6) as writer:
        writer.write(data)
    return member.getvalue() or _EMPTY_FRAME


def packing_by_suffix(path: PurePath) -> Packing | None:
    """The packing of a file of this name. Raises InputError for an archive."""
    if found := _ARCHIVE.search(path.name):
        raise InputError(
            f"{path}: cannot be written as {found[0]}; .gz, .xz, .bz2 and .zst can, and other suffixes are text"
        )
    suffix = path.suffix.lower().removeprefix(".")
    return cast(Packing, suffix) if suffix in ("gz", "bz2", "xz", "zst") else None


class _Begun(io.RawIOBase):
    """A stream of which the first bytes are known before it is read."""

    def __init__(self, stream: io.RawIOBase | io.BufferedIOBase) -> None:
        self._stream = stream
        self._readinto = stream.readinto1 if isinstance(stream, io.BufferedIOBase) else stream.readinto
        self.beginning = self._rest = b""
        # No more than a line: the next may be written only when this one has its answer.
        chunk = bytearray(_BEGINNING)
        while len(self.beginning) < _BEGINNING and b"\n" not in self.beginning and (size := self.readinto(chunk)):
            self.beginning += chunk[:size]
        self._rest = self.beginning

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._rest:
            size = min(len(buffer), len(self._rest))
            buffer[:size], self._rest = self._rest[:size], self._rest[size:]
            return size
        try:
            return self._readinto(buffer) or 0
        except (OSError, EOFError, MemoryError):
            raise
        except Exception as error:  # each packing's library has an error of its own
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Gunzipped(io.RawIOBase):
    """All bytes of a gzip file that can be had, also where it ends too soon.

    The fast reader drops the last bytes before a sudden end. They are read again by the slow one, so that a message can name
    the line after which the file ends.
    """

    def __init__(self, reader: io.BufferedIOBase, file: io.RawIOBase, start: int) -> None:
        self._reader, self._file, self._start = reader, file, start
        self._given = 0
        self._first: io.BufferedIOBase | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            size = self._reader.readinto1(buffer)
        except EOFError:
            if self._first is not None:
                raise
            self._first = self._reader  # without a name it would be closed, and the file with it
            self._file.seek(self._start)
            self._reader = gzip.GzipFile(fileobj=io.BufferedReader(self._file))
            self._reader.seek(self._given)
            size = self._reader.readinto1(buffer)
        self._given += size
        return size


def _packing_of(beginning: bytes, name: str) -> Packing | None:
    for signature, packing in _PACKINGS:
        if re.match(signature, beginning):
            return packing
    for signature, what, advice in _REFUSED:
        if re.match(signature, beginning):
            raise InputError(f"{name}: is {what}; {advice}")
    if encoding := _utf_16(beginning):
        raise InputError(f"{name}: is UTF-16 text; convert it to UTF-8, as by iconv -f {encoding} -t UTF-8")
    return None


def _utf_16(beginning: bytes) -> str | None:
    """The kind of UTF-16 that a text is in: letters of Latin script alternate with zeros; a text of at least ten is sure."""
    high, low = beginning[::2].count(0), beginning[1::2].count(0)
    if len(beginning) < 20 or min(high, low) or max(high, low) < 0.8 * (len(beginning) // 2):
        return None
    return "UTF-16BE" if high else "UTF-16LE"
