"""Plain text, of which each line is a segment, and texts that have a markup of their own: HTML and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from nmt.translate.documents.document import Document, Part, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.markup.options import PLAIN, Markup


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
    return _whole(data, Markup(format="html"))


def read_markdown(data: bytes, _: str) -> Document:
    """One segment."""
    return _whole(data, Markup(format="markdown"))


def _whole(data: bytes, markup: Markup) -> Document:
    encoding = Encoding(data)
    text = encoding.decoded(data)
    slots = [Slot(0, len(text), (text,), lambda translations, _: translations[0])] if text.strip() else []
    return text_document(data, encoding, slots, markup=markup)
