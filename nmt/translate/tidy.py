"""Characters that nobody sees, or that differ only in their form: the model is shown the usual ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_BLANKS = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_JOINERS = "\u200c\u200d"  # between letters of Latin scripts without a meaning, within an emoji with one
_FORMS = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FORMS |= {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_UNUSUAL = re.compile(f"[{_BLANKS}{_INVISIBLE}{_JOINERS}\u0300-\u036f{''.join(map(chr, _FORMS))}]")
_BLANK = re.compile(f"[{_BLANKS}]")
_GONE = re.compile(f"[{_INVISIBLE}]")
_DECADE = re.compile(r"(?<!\w)['’‘](?=\d0s\b)")
"""The apostrophe of the '80s, which would be taken for a mark of quotation."""
_NO_BREAK = re.compile(r"(?<![^\s(\[„“\"])([^\s(\[„“\"]+)([\u00a0\u202f])(?=(\S*[^\s.,;:!?…)\]“”\"]))")


@dataclass(frozen=True, slots=True)
class Tidied:
    """A sentence with usual characters only."""

    text: str
    source: str
    offsets: tuple[int, ...] | None
    """For each character of `text`, and its end, where it began in `source`; None where the two are the same."""

    def original(self, start: int, end: int) -> str:
        """What text[start:end] was in the source."""
        if self.offsets is None:
            return self.text[start:end]
        return self.source[self.offsets[start] : self.offsets[end - 1] + self._width(end - 1)]

    def whole(self, start: int, end: int) -> str:
        """As `original`; where text[start:end] begins or ends the text, with the invisible characters around it."""
        if self.offsets is None:
            return self.text[start:end]
        first = self.offsets[start] if start else 0
        return self.source[first : self.offsets[end] if end < len(self.text) else len(self.source)]

    def written(self, parts: Iterable[tuple[int, int, str]]) -> Tidied:
        """The same with another text in place of each part, (start, end, text); of those that overlap, of the first."""
        if not (found := sorted(parts, key=lambda part: part[0])):
            return self
        before = self.offsets or tuple(range(len(self.text) + 1))
        texts: list[str] = []
        offsets: list[int] = []
        last = 0
        for start, end, text in found:
            if start >= last:
                texts += [self.text[last:start], text]
                offsets += [*before[last:start], *[before[start]] * len(text)]
                last = end
        return Tidied("".join((*texts, self.text[last:])), self.source, (*offsets, *before[last:]))

    def _width(self, place: int) -> int:
        assert self.offsets is not None
        start = self.offsets[place]
        return next((after - start for after in self.offsets[place + 1 :] if after > start), len(self.source) - start)


def tidied(sentence: str) -> Tidied:
    """A sentence in Unicode normal form C without what nobody sees, and without blanks around it.

    Blanks of every width are spaces; soft hyphens, joiners between letters, marks of direction and the apostrophe of the
    '80s go; full-width letters, digits and ligatures are written with the usual ones.
    """
    if (sentence.isascii() or _UNUSUAL.search(sentence) is None) and _DECADE.search(sentence) is None:
        return Tidied(sentence, sentence, None)
    characters: list[str] = []
    offsets: list[int] = []
    place = 0
    while place < len(sentence):
        end = place + 1
        while end < len(sentence) and unicodedata.combining(sentence[end]):
            end += 1
        own = unicodedata.normalize("NFC", sentence[place:end])
        if _BLANK.match(own):
            own = " " + own[1:]
        elif _GONE.match(own) or _DECADE.match(sentence, place) or (own in _JOINERS and _joins_letters(sentence, place)):
            own = ""
        elif len(own) == 1:
            own = _FORMS.get(ord(own), own)
        characters += own
        offsets += [place] * len(own)
        place = end
    while characters and characters[-1] == " ":
        characters.pop(), offsets.pop()
    first = next((place for place, character in enumerate(characters) if character != " "), 0)
    return Tidied("".join(characters[first:]), sentence, (*offsets[first:], len(sentence)))


def with_no_breaks(text: str, source: str) -> str:
    """The translation `text` with the no-break spaces of `source` between what it has as it is there: 5 km, § 3."""
    for before, blank, after in _NO_BREAK.findall(source) if "\u00a0" in source or "\u202f" in source else ():
        parts = re.split(rf"(?<!\w){re.escape(before)} {re.escape(after)}(?!\w)", text)
        text = f"{before}{blank}{after}".join(parts) if len(parts) == 2 else text
    return text


def _joins_letters(sentence: str, place: int) -> bool:
    around = sentence[max(place - 1, 0) : place] + sentence[place + 1 : place + 2]
    return all(character < "\u0250" for character in around)
