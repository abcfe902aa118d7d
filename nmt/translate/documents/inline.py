"""Segments with inline markup of any format, in the form of XML that the plan of a translation takes.

Hallo <w:r>…bold…</w:r> ──> Hallo <g1>Welt</g1>!        a pair of tags around words
Siehe [footnote 3].      ──> Siehe<x1/>.                 a mark between words
Ein [start]Haus[end] ... ──> Ein <g1>Haus</g1> ...       marks that belong together
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Literal, TypeVar

from nmt.errors import InputError
from nmt.translate.documents.document import Slot
from nmt.translate.documents.tree import Element, attribute_values, escaped
from nmt.translate.markup.options import Markup

INLINE = Markup(format="xml")
_TAG = re.compile(r"<(/?)([gx])(\d+)(/?)>")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tag(Generic[T]):
    """An opening, a closing, or a mark, with the content that a format gives it."""

    kind: Literal["open", "close", "mark", "start", "end"]
    """A start and an end are marks that belong together, such as those of a bookmark."""
    content: T
    key: str = ""
    """What a start and its end have in common."""


class Inline(Generic[T]):
    """Text and tags in order. `segment` is their XML; `translated` finds the tags in its translation."""

    def __init__(self, pieces: Iterable[str | Tag[T]]) -> None:
        """What has no other is a mark."""
        pieces = list(pieces)
        partners = _partners(pieces)
        self._tags: dict[str, Tag[T]] = {}
        written: list[str] = []
        for place, piece in enumerate(pieces):
            if isinstance(piece, str):
                written.append(piece.translate(_ESCAPES))
                continue
            partner = partners.get(place)
            tag = f"<x{place}/>"
            if partner is not None:
                tag = f"<g{place}>" if partner > place else f"</g{partner}>"
            written.append(tag)
            self._tags[tag] = piece
        self.segment = "".join(written)
        self.has_text = any(isinstance(piece, str) and not piece.isspace() for piece in pieces)

    def translated(self, translation: str) -> Iterator[str | Tag[T]]:
        """Text and tags of a translation. Raises InputError where it does not have each tag once."""
        if sorted(match[0] for match in _TAG.finditer(translation)) != sorted(self._tags):
            raise InputError(f"translation {translation!r} should have each tag of {self.segment!r} once")
        done = 0
        for match in _TAG.finditer(translation):
            if match.start() > done:
                yield html.unescape(translation[done : match.start()])
            yield self._tags[match[0]]
            done = match.end()
        if done < len(translation):
            yield html.unescape(translation[done:])


def text_slot(start: int, end: int, text: str, *, quoted: bool = False) -> Iterator[Slot[bytes]]:
    """Of a stretch of XML that says `text` and has no tags, if it is not blank; `quoted` for the value of an attribute."""
    inline: Inline[None] = Inline([text])
    if not inline.has_text:
        return

    def spell(translations: Sequence[str], _: object) -> bytes:
        written = escaped("".join(one for one in inline.translated(translations[0]) if isinstance(one, str)))
        return re.sub(rb"""["'\n\t]""", lambda match: b"&#%d;" % ord(match[0]), written) if quoted else written

    yield Slot(start, end, (inline.segment,), spell)


def value_slots(raw: bytes, element: Element, values: Mapping[str, str]) -> Iterator[Slot[bytes]]:
    """Slots of attributes that get other values, whatever the translation is, by their names without a prefix."""
    for name, start, end in attribute_values(raw, element):
        if (value := values.get(name.rpartition(":")[2])) is not None:
            yield Slot(start, end, (), lambda _, __, value=value: escaped(value), replaces=False)  # type: ignore[misc]


def _partners(pieces: Sequence[str | Tag[T]]) -> dict[int, int]:
    """The places of openings and closings that belong together, both ways; of starts and ends, too, which cross no other."""
    ends: dict[int, int] = {}
    opened: list[tuple[str, int]] = []  # keys, of which an opening has none
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            continue
        if piece.kind in ("open", "start"):
            opened.append((piece.key, place))
        elif piece.kind == "end" and opened and opened[-1][0] == piece.key:
            ends[opened.pop()[1]] = place
        elif piece.kind == "close":
            while opened and opened[-1][0]:
                opened.pop()  # its end is not in this element
            if opened:
                ends[opened.pop()[1]] = place
    if any(isinstance(piece, Tag) and piece.kind == "start" for piece in pieces):
        ends = _beside_text(pieces, ends)
    return ends | {end: start for start, end in ends.items()}


def _beside_text(pieces: Sequence[str | Tag[T]], ends: dict[int, int]) -> dict[int, int]:
    """`ends` without those of starts without text within or beside them, where an element would end a sentence."""
    is_text = [isinstance(piece, str) and not piece.isspace() for piece in pieces]
    texts_before = list(accumulate(is_text, initial=0))
    parents: dict[int, int] = {}
    with_text: set[int] = set()
    inside = [-1]
    for place in range(len(pieces)):
        if is_text[place]:
            with_text.add(inside[-1])
        elif place in ends:
            parents[place] = inside[-1]
            inside.append(place)
        elif ends.get(inside[-1]) == place:
            inside.pop()
    for place, parent in parents.items():  # the outer ones first
        parents[place] = parent = parent if parent in ends or parent < 0 else parents[parent]
        piece, end = pieces[place], ends[place]
        is_start = isinstance(piece, Tag) and piece.kind == "start"
        if is_start and (parent not in with_text or texts_before[place] == texts_before[end]):
            del ends[place]
            with_text |= {parent} if place in with_text else set()
    return ends
