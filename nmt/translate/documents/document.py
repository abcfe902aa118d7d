"""A document: bytes taken apart into segments, and put together again with the translations of these.

    b'{"a": "Ein Hund"}' ──reader──> Part(raw, slots) ──segments──> "Ein Hund"
                                     Part(raw, slots) <──written──  "A dog"

A part is text with slots, the stretches that translations take the place of. All other bytes stay as they are, and so does
a source whose segments are their own translations. Nothing here knows what translates, or where a document comes from.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, AnyStr, Generic

from nmt.translate.markup.options import Markup


@dataclass(frozen=True, slots=True)
class Slot(Generic[AnyStr]):
    """The stretch `raw[start:end]` of a part, with its segments. One slot may lie within another."""

    start: int
    end: int
    segments: tuple[str, ...]
    spell: Callable[[Sequence[str], Callable[[int, int], AnyStr]], AnyStr]
    """From the translations of the segments to the new stretch. Its second argument renders a stretch within this one."""
    replaces: bool = True
    """Whether the stretch is the source of the segments, and stays as it is where they are their own translations."""


@dataclass(frozen=True, slots=True)
class Part(Generic[AnyStr]):
    """A text with slots."""

    raw: AnyStr
    slots: Sequence[Slot[AnyStr]]

    def written(self, translations: Sequence[Sequence[str]]) -> AnyStr:
        """The text with translations, one sequence for each slot."""
        order = sorted(range(len(self.slots)), key=lambda number: (self.slots[number].start, -self.slots[number].end))
        starts = [self.slots[number].start for number in order]

        def render(start: int, end: int, after: int = -1) -> AnyStr:
            """`raw[start:end]` with the slots in it that come after slot `after` in order."""
            pieces: list[AnyStr] = []
            done = start
            for place in range(max(bisect_left(starts, start), after + 1), len(order)):
                slot = self.slots[order[place]]
                if slot.start >= end and not slot.start == slot.end == end:
                    break
                if slot.start < done or slot.end > end:
                    continue
                pieces += (self.raw[done : slot.start], spelled(slot, place))
                done = slot.end
            pieces.append(self.raw[done:end])
            return self.raw[:0].join(pieces)

        def spelled(slot: Slot[AnyStr], place: int) -> AnyStr:
            own = translations[order[place]]
            if slot.replaces and tuple(own) == slot.segments:
                return render(slot.start, slot.end, place)
            return slot.spell(own, lambda start, end: render(start, end, place))

        return render(0, len(self.raw))


class Document:
    """`segments` are to be translated, each with the markup `markup`; `written` takes one translation for each."""

    def __init__(self, parts: Sequence[Part[Any]], *, markup: Markup, join: Callable[[Sequence[Any]], bytes]) -> None:
        self._parts = parts
        self._join = join
        self.markup = markup
        self.segments = tuple(segment for part in parts for slot in part.slots for segment in slot.segments)

    def written(self, translations: Sequence[str]) -> bytes:
        """The document with a translation in place of each segment. Raises ValueError where they are not as many."""
        if len(translations) != len(self.segments):
            raise ValueError(f"{len(translations)} translations for {len(self.segments)} segments")
        rest = iter(translations)
        return self._join(
            [part.written([[next(rest) for _ in slot.segments] for slot in part.slots]) for part in self._parts]
        )
