"""Plain text, of which each line is a segment, and texts that have a markup of their own: HTML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.translate.documents.document import Document, Part, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.markup.options import PLAIN, Markup

_DECLARED = re.compile(
    rb"""<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE
)
_HEAD = 4096
"""Bytes in which a page names its encoding."""
_ASCII = bytes((9, 10, 13, *range(32, 127)))
_LATIN_1 = frozenset(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "us-ascii", "ascii"))
"""Which browsers read as what Windows had in their place."""


def text_document(data: bytes, encoding: Encoding, slots: Sequence[Slot[str]], *, markup: Markup = PLAIN) -> Document:
    """The document of a file that is one text."""
    return Document(
        [Part(encoding.decoded(data), slots)], markup=markup, join=lambda texts: encoding.encoded("".join(texts))
    )


def read_text(data: bytes, _: str) -> Document:
    """Lines of text."""
    encoding = Encoding(data)
    slots: list[Slot[str]] = []
    start = 0
    for line in encoding.decoded(data).split("\n"):
        text = line.removesuffix("\r")
        if text.strip():
            end = start + len(text)
            slots.append(Slot(start, end, (text,), lambda translations, _: translations[0].replace("\n", " ")))
        start += len(line) + 1
    return text_document(data, encoding, slots)


def read_html(data: bytes, _: str) -> Document:
    """One segment: tags tell where sentences end."""
    return _whole(data, Encoding(data, declared=_declared(data), has_references=True), Markup(format="html"))


def _declared(data: bytes) -> str:
    """The encoding that a page names, unless it is unknown, or its bytes show that it is UTF-8."""
    found = _DECLARED.search(data, 0, _HEAD)
    name = (found[1] or found[2]).decode().lower() if found else ""
    name = "cp1252" if name in _LATIN_1 else name
    is_utf_8 = not data.isascii() and _reads(data, "utf-8")
    return name if name and not is_utf_8 and _reads(_ASCII, name) == _ASCII.decode() else "utf-8"


def _reads(data: bytes, name: str) -> str | None:
    """What bytes are in an encoding, if they are text of it."""
    try:
        return data.decode(name)
    except (LookupError, UnicodeError):
        return None


def read_markdown(data: bytes, _: str) -> Document:
    """One segment."""
    return _whole(data, Encoding(data), Markup(format="markdown"))


def _whole(data: bytes, encoding: Encoding, markup: Markup) -> Document:
    text = encoding.decoded(data)
    slots = [Slot(0, len(text), (text,), lambda translations, _: translations[0])] if text.strip() else []
    return text_document(data, encoding, slots, markup=markup)
