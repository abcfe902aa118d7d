"""The pieces of a text with markup: joined they are the text, byte for byte."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum


class Kind(Enum):
    text = "text"
    opening = "the start of an inline element"
    closing = "the end of an inline element"
    mark = "an inline element or the like that no sentence needs to know of: a comment, a picture"
    opaque = "an inline element that stays as it is, and is a part of its sentence: code"
    boundary = "what no sentence goes on across"


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of a piece that is a text of its own: `raw[start:end]` of an attribute or the like."""

    start: int
    end: int
    text: str
    quote: str = '"'
    """What surrounds it; nothing where the translation must bring its own quotes."""
    escaped: str = ""
    """In Markdown: characters that get a backslash. Others are written as references, as HTML has them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of a text."""

    kind: Kind
    raw: str
    """As it is written."""
    text: str = ""
    """Of a text: what it says. Either this is `raw`, or the piece is one character or one reference to characters."""
    pair: int = -1
    """Of an opening and its closing: a number that only these two have."""
    rewritten: str | None = None
    """What is written in place of `raw` in a sentence that was translated, where that differs."""
    readings: tuple[Reading, ...] = ()
    attached: bool = False
    """Of a mark: whether it belongs to the word before it, as the number of a footnote does."""


_STRICT = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|[A-Za-z][A-Za-z\d]*);")
_LENIENT = re.compile(r"&(?:#\d+|#[xX][\da-fA-F]+|[A-Za-z][A-Za-z\d]*);?")


def text_pieces(raw: str, *, strict: bool = False) -> Iterator[Piece]:
    """Pieces of text in HTML or, with `strict`, in XML: each reference to a character is one of its own."""
    last = 0
    for match in (_STRICT if strict else _LENIENT).finditer(raw):
        says = html.unescape(match[0])
        if says == match[0] and not strict:
            continue
        if match.start() > last:
            yield Piece(Kind.text, raw[last : match.start()], raw[last : match.start()])
        # What the document itself declares stays as it is, and stands for some word.
        yield Piece(Kind.opaque, match[0]) if says == match[0] else Piece(Kind.text, match[0], says)
        last = match.end()
    if last < len(raw):
        yield Piece(Kind.text, raw[last:], raw[last:])


class Pairs:
    """Finds the openings and closings that belong together, and closes what was left open within an element that ends."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = []
        self._names: dict[str, int] = {}
        self._count = 0

    def opened(self, piece: Piece, name: str) -> Piece:
        self._count += 1
        self._open.append((name, self._count))
        self._names[name] = self._names.get(name, 0) + 1
        return replace(piece, pair=self._count)

    def closed(self, piece: Piece, name: str) -> Iterable[Piece]:
        """The closing, and before it empty ones of elements that end with it. A mark, where nothing of its name is open."""
        if not self._names.get(name):
            return [replace(piece, kind=Kind.mark)]
        pieces: list[Piece] = []
        while True:
            opened, number = self._open.pop()
            self._names[opened] -= 1
            if opened == name:
                return [*pieces, replace(piece, pair=number)]
            pieces.append(Piece(Kind.closing, "", pair=number))
