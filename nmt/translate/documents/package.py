"""Packages: the zip files that office documents are. Members that are not rewritten keep their content, order and dates."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from zipfile import BadZipFile, ZipFile, ZipInfo

from nmt.errors import InputError
from nmt.translate.documents.document import Document, Part, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.documents.inline import INLINE

_MOST_MEMBERS = 10_000
_MOST_BYTES = 512 << 20
"""Of all members, unpacked."""
_MOST_XML = 64 << 20
"""Of the members that are read as XML."""
_MOST_RATIO = 200
"""Of a member's size to its size in the package; what is repeated again and again in a real document is packed to 1 %."""
_FEW_BYTES = 1 << 20
"""A member of this size may have any ratio."""
_SIZES = 1
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Package:
    """The members of a zip file. Raises InputError where it is none, is encrypted, or is made to fill memory."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLD_OFFICE):
            raise InputError("is encrypted, or of an old office program; save it without a password in the present format")
        self._data = data
        try:
            with ZipFile(io.BytesIO(data)) as archive:
                self._members = archive.infolist()
        except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise InputError(f"is no whole office document: {error}") from error
        self.names = [member.filename for member in self._members]
        self._check()

    def _check(self) -> None:
        members = self._members
        if len(members) > _MOST_MEMBERS:
            raise InputError(f"has {len(members)} members; should have {_MOST_MEMBERS} at the most")
        if len(set(self.names)) < len(self.names):
            raise InputError("has two members of one name")
        if any(member.flag_bits & 0x1 for member in members):
            raise InputError("is encrypted; save it without a password")
        size = sum(member.file_size for member in members)
        if size > _MOST_BYTES:
            raise InputError(f"unpacks to {size >> 20} MiB; should be {_MOST_BYTES >> 20} MiB at the most")
        if sum(member.compress_size for member in members) > len(self._data):
            raise InputError("has members that overlap, as no office program writes them")
        for member in members:
            if member.file_size > _FEW_BYTES and member.file_size > _MOST_RATIO * max(member.compress_size, 1):
                raise InputError(f"has a member that unpacks to more than {_MOST_RATIO} times its size: {member.filename}")

    def read(self, name: str) -> bytes:
        """The content of a member. Raises InputError where it is damaged or not there."""
        with ZipFile(io.BytesIO(self._data)) as archive:
            return _content(archive, name)

    def document(self, parts: Mapping[str, Callable[[bytes], Iterable[Slot[bytes]]]]) -> Document:
        """The document of these members, from the name of each and the reader of its slots."""
        raws: dict[str, tuple[Encoding, Part[bytes]]] = {}
        total = 0
        with ZipFile(io.BytesIO(self._data)) as archive:
            for member in self._members:
                if member.filename not in parts:
                    _content(archive, member.filename)  # before anything is translated: it must be copied in the end
                    continue
                total += member.file_size
                if total > _MOST_XML:
                    raise InputError(f"has more than {_MOST_XML >> 20} MiB of XML")
                content = _content(archive, member.filename)
                encoding = Encoding(content)
                raw = encoding.decoded(content).encode()
                raws[member.filename] = (encoding, Part(raw, list(parts[member.filename](raw))))

        def join(written: Sequence[bytes]) -> bytes:
            new = {
                name: encoding.encoded(raw.decode())
                for (name, (encoding, _)), raw in zip(raws.items(), written, strict=True)
            }
            return self._with(new)

        return Document([part for _, part in raws.values()], markup=INLINE, join=join)

    def _with(self, new: Mapping[str, bytes]) -> bytes:
        """The package with other content for some members."""
        stream = io.BytesIO()
        with ZipFile(io.BytesIO(self._data)) as old, ZipFile(stream, "w") as archive:
            archive.comment = old.comment
            for member in self._members:
                content = new.get(member.filename)
                if content is None:
                    content = _content(old, member.filename)
                archive.writestr(_like(member), content)
        return stream.getvalue()


def _like(member: ZipInfo) -> ZipInfo:
    """The header of a member for new content."""
    new = ZipInfo(member.filename, member.date_time)
    new.compress_type = member.compress_type
    new.external_attr, new.internal_attr = member.external_attr, member.internal_attr
    new.create_system, new.comment, new.extra = member.create_system, member.comment, _without_sizes(member.extra)
    return new


def _without_sizes(extra: bytes) -> bytes:
    """The further fields of a header, without the sizes of large members, which are written anew."""
    kept = b""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind != _SIZES:
            kept += extra[: 4 + size]
        extra = extra[4 + size :]
    return kept


def _content(archive: ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError as error:
        raise InputError(f"has no member {name}") from error
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(f"is damaged in its member {name}: {error}") from error
