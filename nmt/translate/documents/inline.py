"""Segments with inline markup of any format, in the form of XML that the plan of a translation takes.

Hallo <w:r>…bold…</w:r> ──> Hallo <g1>Welt</g1>!        a pair of tags around words
Siehe [footnote 3].      ──> Siehe<x1/>.                 a mark between words
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from nmt.errors import InputError
from nmt.translate.markup.options import Markup

INLINE = Markup(format="xml")
_TAG = re.compile(r"<(/?)([gx])(\d+)(/?)>")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tag(Generic[T]):
    """An opening, a closing, or a mark, with the content that a format gives it."""

    kind: Literal["open", "close", "mark"]
    content: T


class Inline(Generic[T]):
    """Text and tags in order. `segment` is their XML; `translated` finds the tags in its translation."""

    def __init__(self, pieces: Iterable[str | Tag[T]]) -> None:
        """An opening or a closing that has no other is a mark."""
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


def _partners(pieces: Sequence[str | Tag[T]]) -> dict[int, int]:
    """The places of openings and closings that belong together, both ways."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, Tag) and piece.kind == "open":
            opened.append(place)
        elif isinstance(piece, Tag) and piece.kind == "close" and opened:
            partners[place] = opened.pop()
            partners[partners[place]] = place
    return partners
