"""Masks: how spans that are no language travel through a model that would harm them.

A span is replaced by a mask: a word, or for a number another number, that models copy. The translation must have each mask
once; each is then replaced by its span, byte for byte.

    Hallo {name}! ──mask──> Hallo XX! ──model──> Hello XX! ──restore──> Hello {name}!
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nmt.text.spans import DASH, EMOTICON, NUMBERS, QUOTES, Span, has_stand_in, numbers_of, same_number
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.tidy import Tidied

WORDS = ("XX", "ABC", "XML", "HTTP", "URL", "Linux", "KDE", "ZZ", "XYZ")
"""Words that models copy, best first, for a vocabulary without symbols."""
FREE_NUMBERS = ("12", "15", "20", "18", "30", "25", "40", "16", "50", "14", "60", "24")
"""Numbers that models copy, best first."""
_SHORT_NUMBER = 4  # digits that a model copies itself where the search makes it

_SOME = 16  # letters of a text whose translation must have a fourth of them
_RATIO = 1.5  # of characters of a translation that has more sentences than its source
_KEYCAP = "\u20e3"
"""The frame around a digit that makes an emoji of it: 1️⃣."""
_SIGNS = {sign: re.escape(sign) for sign in "#+<=>*~-"} | {
    "$": r"\$|d[oó]ll?ar",
    "%": r"%|per ?cent|prozent|pour ?cent|por ?ciento",
    "&": r"&|\b(?:and|und|et|y|e)\b",
}
"""Signs beside numbers, each with a pattern of how a translation says it."""
_NUMBERED = re.compile(r"\d{1,3}\.(?= [^\W\d_]{2})")
_HALF_OF_THE_DAY = re.compile(r" ?[ap]\.?m\b\.?")


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence with masks in the place of some of its spans."""

    tidied: Tidied
    sentence: str
    """The tidied text in its usual case."""
    text: str
    """What the model is shown: `sentence` with masks, and without spans at its ends that a model has no use for."""
    spans: tuple[Span, ...]
    masks: tuple[str, ...]
    """One for each of `spans`."""
    left: tuple[Span, ...]
    """Numbers and the like that are not masked, and which the translation should have."""
    start: int
    stop: int
    """sentence[start:stop] is shown; before and after it are signs that a sentence is translated as well without."""

    def outside(self, text: str, change: Callable[[str], str]) -> str:
        """`text` with all but its masks changed."""
        if not self.masks:
            return change(text)
        parts = re.split("(" + "|".join(map(_pattern, self.masks)) + ")", text)
        return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))

    def restored(self, hypothesis: Hypothesis) -> Hypothesis | None:
        """`hypothesis` with the spans in place of their masks; None where a mask is lost, changed or doubled."""
        text = hypothesis.text
        if not self.masks:
            return hypothesis
        found = [_occurrences(mask, text) for mask in self.masks]
        # A mask in other letters is one that was doubled.
        if any(
            len(places) != 1 or len(_occurrences(mask, text, re.I)) != 1
            for mask, places in zip(self.masks, found, strict=True)
        ):
            return None
        places = [place.span() for [place] in found]
        own = [self._in_place(span, text[end : end + 1]) for span, (_, end) in zip(self.spans, places, strict=True)]
        if text == self.text:  # left as it was: every blank is in its place
            parts, last = [], self.start
            for span, original in zip(self.spans, own, strict=True):
                parts += [self.sentence[last : span.start], original]
                last = span.end
            text = "".join((*parts, self.sentence[last : self.stop]))
        else:
            text = self._put_back(text, places, own)
        return with_pieces(replace(hypothesis, text=text), list(zip(self.masks, own, strict=True)))

    def as_shown(self, hypothesis: Hypothesis) -> Hypothesis:
        """`hypothesis` of the masked text with masks where it says them in its own way: 15:45 for 15:45 Uhr."""
        own = [(mask, span.shown.said) for mask, span in zip(self.masks, self.spans, strict=True) if span.shown]
        for mask, pattern in own:
            found = re.findall(pattern, hypothesis.text)
            if len(found) == 1 and found[0] != mask:
                text = mask.join(re.split(pattern, hypothesis.text))  # found[0] may be in other words, too
                hypothesis = with_pieces(replace(hypothesis, text=text), [(found[0], mask)])
        return hypothesis

    def corrected(self, hypothesis: Hypothesis) -> Hypothesis:
        """`hypothesis` of the masked text with its own numbers in place of others, where there is one other for each.

        A time of day such as 3:00 p.m. becomes 15:00 with it. What was to be said otherwise, and was left, is said so.
        """
        if not self.left:
            return hypothesis
        hypothesis = self._said_otherwise(hypothesis)
        found = [match for match in NUMBERS.finditer(hypothesis.text) if match[0] not in self.masks]
        own = [match[0] for match in NUMBERS.finditer(self.text) if match[0] not in self.masks]
        kept, missing = _kept([match[0] for match in found], own)
        others = [match for place, match in enumerate(found) if place not in kept]
        if not missing or len(others) != len(missing):
            return hypothesis
        parts, last = [], 0
        for match, number in zip(others, missing, strict=True):
            parts += [hypothesis.text[last : match.start()], number]
            half = _HALF_OF_THE_DAY.match(hypothesis.text, match.end()) if ":" in number else None
            last = half.end() if half else match.end()
        text = "".join((*parts, hypothesis.text[last:]))
        return with_pieces(
            replace(hypothesis, text=text), [(match[0], number) for match, number in zip(others, missing, strict=True)]
        )

    def _said_otherwise(self, hypothesis: Hypothesis) -> Hypothesis:
        """`hypothesis` with what stands for soft spans in place of those that the model has left: in Room 312."""
        for span in self.left:
            own = self.sentence[span.start : span.end]
            is_left = span.kept and not re.search(span.kept, hypothesis.text)
            if is_left and span.translation is not None and hypothesis.text.count(own) == 1:
                said = self.original(span)
                hypothesis = with_pieces(replace(hypothesis, text=hypothesis.text.replace(own, said)), [(own, said)])
        return hypothesis

    def keeps(self, text: str) -> bool:
        """Whether the translation `text` of the masked text has all that is left unmasked, and no numbers besides.

        It may not go on after its end either, as models do to find a place for a mask, nor be little besides masks.
        """
        if (
            (self.masks or self.left)
            and (shown := self._letters_in(self.text)) >= _SOME
            and self._letters_in(text) < shown / 4
        ):
            return False
        if self.masks and text.count(". ") > self.text.count(". ") and len(text) > _RATIO * len(self.text):
            return False
        if any(span.kept and not re.search(span.kept, text) for span in self.left):
            return False
        left_as_they_are = [self.sentence[span.start : span.end] for span in self.left if not span.kept]
        own = self._numbers
        if not left_as_they_are and not own:
            return True
        found = self._numbers_in(text)
        # A number of one digit may well be a word of the source.
        if own - found or any(len(number) > 1 for number in found - own):
            return False
        left = [(name, _signs_at(name)) for name in left_as_they_are]
        signs = Counter("".join(beside for _, beside in left))
        if any(len(re.findall(_SIGNS[sign], text, re.I)) < count for sign, count in signs.items()):
            return False
        others = (name for name, beside in left if not beside and not NUMBERS.fullmatch(name))
        return all(_count(name, text) == _count(name, self.text) for name in others)

    def hyphenates(self, text: str) -> bool:
        """Whether a mask has a hyphen in the translation `text` that it does not have in the masked text."""
        return any(
            hyphened in text and hyphened not in self.text
            for mask in self.masks
            if not mask[0].isdigit()
            for hyphened in (f"{mask}-", f"-{mask}")
        )

    def _letters_in(self, text: str) -> int:
        """The letters in `text` besides masks."""
        return sum(map(str.isalpha, self.without_masks(text)))

    @property
    def _numbers(self) -> Counter[str]:
        return self._numbers_in(self.text)

    def _numbers_in(self, text: str) -> Counter[str]:
        return Counter(numbers_of(_without(text, [mask for mask in self.masks if not mask[0].isdigit()])))

    def restored_source(self, found: SentenceTranslation, hypotheses: Sequence[Hypothesis]) -> SentenceTranslation:
        """`found` as the translation of the sentence itself, with these hypotheses, whose masks are restored."""
        if not self.masks and not self.has_ends:
            return SentenceTranslation(
                source=self.tidied.source, source_tokens=found.source_tokens, hypotheses=tuple(hypotheses)
            )
        pieces = list(found.source_tokens)
        attentions = [one.attention for one in hypotheses]
        for mask, span in zip(self.masks, self.spans, strict=True):
            first, last = _pieces_of(mask, pieces)
            if first == last:
                continue
            own = self.tidied.original(span.start, span.end)
            pieces[first:last] = [_with_span(pieces[first:last], mask, own)]
            attentions = [
                tuple(array("d", (*row[:first], sum(row[first:last]), *row[last:])) for row in attention)
                for attention in attentions
            ]
        hypotheses = [replace(one, attention=rows) for one, rows in zip(hypotheses, attentions, strict=True)]
        for place, end in enumerate(self.ends):
            if end.strip():
                pieces = _at_end(place, pieces, _as_piece(end.strip()))
                hypotheses = [_with_end(one, place, end, width=len(pieces)) for one in hypotheses]
        return replace(found, source=self.tidied.source, source_tokens=tuple(pieces), hypotheses=tuple(hypotheses))

    def _put_back(self, text: str, places: Sequence[tuple[int, int]], own: Sequence[str]) -> str:
        """`text` with spans in the places of their masks, touching what they touched: ({n}) does not become ( {n} )."""
        parts, last = [], 0
        for (start, end), span, original in sorted(zip(places, self.spans, own, strict=True)):
            before = text[last:start]
            neighbour = self.sentence[max(span.start - 1, self.start) : span.start]
            if _touches(neighbour, before.rstrip(" ")[-1:]):
                before = before.rstrip(" ")
            parts += [before, original]
            neighbour = self.sentence[span.end : min(span.end + 1, self.stop)]
            rest = text[end:].lstrip(" ")
            last = len(text) - len(rest) if _touches(neighbour, rest[:1]) else end
        return "".join((*parts, text[last:]))

    def _in_place(self, span: Span, following: str) -> str:
        """What stands in the translation for a span, without a full stop where one is `following`: 8 a.m. at its end."""
        own = self.original(span)
        is_short_form = own.endswith(".") and (span.translation is not None or own[-2:-1].isalpha())  # 8 a.m. and Sons, Inc.
        return own[:-1] if is_short_form and following == "." else own

    def original(self, span: Span) -> str:
        """What stands in the translation in the place of a span of the tidied text."""
        return self.tidied.original(span.start, span.end) if span.translation is None else span.translation

    def without_masks(self, text: str) -> str:
        """`text` with a blank in the place of each mask."""
        return _without(text, self.masks)

    @property
    def has_ends(self) -> bool:
        """Whether signs before or after are not shown."""
        return self.start > 0 or self.stop < len(self.sentence)

    @property
    def ends(self) -> tuple[str, str]:
        """What is not shown before and after, with the blanks between."""
        before = self.tidied.original(0, self.start) if self.start else ""
        after = self.tidied.original(self.stop, len(self.sentence)) if self.stop < len(self.sentence) else ""
        return before, after


def mask(
    tidied: Tidied,
    sentence: str,
    spans: Sequence[Span],
    may_be_mask: Callable[[str], bool],
    *,
    soft: bool,
    symbols: Sequence[str] = (),
    shows_markers: bool = True,
) -> Masked | None:
    """`sentence` with its hard spans masked, and with `soft` all spans; None where there are not enough masks.

    Masks are `symbols` (see nmt.text.symbols), which any span may have, and after them words and numbers. What begins a
    line of a list is a dash for a model that `shows_markers`, and is kept from others.
    """
    if not spans:
        return Masked(tidied, sentence, sentence, (), (), (), 0, len(sentence))
    spans, start, stop = _cut_ends(sentence, spans, shows_markers=shows_markers)
    chosen = [span for span in spans if soft or not span.soft]
    lower = sentence.lower()
    free_words = (word for word in (*symbols, *WORDS) if word.lower() not in lower and may_be_mask(word))
    numbers = Counter(numbers_of(sentence))
    free_numbers = (number for number in FREE_NUMBERS if number not in numbers and may_be_mask(number))
    masks: list[str] = []
    parts, last = [], start
    for span in chosen:
        own = sentence[span.start : span.end]
        counts = span.translation is None and is_number(own)
        if span.shown and may_be_mask(span.shown.text) and _is_free(span.shown.text, numbers, own=own, masks=masks):
            word = span.shown.text
        elif counts and _can_stay(own, numbers) and may_be_mask(own):
            word = own
        elif counts and not symbols:
            word = next(free_numbers, "")
        else:
            word = next(free_words, "")
        if not word:
            return None
        # A mask is a word of its own: a blank is set where it would be read as one word with what it touches.
        before, after = sentence[last : span.start], sentence[span.end : min(span.end + 1, stop)]
        parts += [before, " " if (before or sentence[start : span.start])[-1:].isalnum() else "", word]
        parts.append(" " if after.isalnum() else "")
        masks.append(word)
        last = span.end
    parts.append(sentence[last:stop])
    left = tuple(span for span in spans if span not in chosen)
    return Masked(tidied, sentence, "".join(parts), tuple(chosen), tuple(masks), left, start, stop)


def _cut_ends(sentence: str, spans: Sequence[Span], *, shows_markers: bool) -> tuple[list[Span], int, int]:
    """The spans but for signs at either end, such as emoji, and where the sentence begins and ends without them."""
    spans, start, stop = list(spans), 0, len(sentence)
    if spans and spans[0].start == 0 and _is_sign(sentence, spans[0], shows_markers=shows_markers):
        start = spans.pop(0).end
        start += len(sentence[start:]) - len(sentence[start:].lstrip(" "))
    if spans and spans[-1].end == stop and _is_sign(sentence, spans[-1], shows_markers=shows_markers):
        stop = spans.pop().start
        stop -= sentence[stop - 1] == " "
    return spans, start, stop


def _is_free(shown: str, numbers: Counter[str], *, own: str, masks: Sequence[str]) -> bool:
    """Whether no other number of a sentence, nor a mask, is what is shown in the place of the span `own`."""
    number = same_number(shown)
    return shown not in masks and numbers[number] == numbers_of(own).count(number)


def _can_stay(span: str, numbers: Counter[str]) -> bool:
    """Whether a span is a short number, and the only one like it: it may be its own mask."""
    return NUMBERS.fullmatch(span) is not None and len(span) <= _SHORT_NUMBER and numbers[same_number(span)] == 1


def _is_sign(sentence: str, span: Span, *, shows_markers: bool) -> bool:
    own = sentence[span.start : span.end]
    if span.shown is DASH:
        return not shows_markers or bool(_occurrences(DASH.text, sentence[span.end :]))  # one among other dashes is no mask
    own = EMOTICON.sub("", own).strip(" ")
    if own and not own.strip("*"):
        return span.start == 0  # of a remark, or a list
    is_plain = _KEYCAP not in own and any(character.isalnum() or character.isascii() for character in own)
    return span.translation is None and not is_plain and not has_stand_in(own)


def _touches(neighbour: str, written: str) -> bool:
    """Whether what a span touches, if it touches anything, is `written` beside it again: “No” may be „Nein“."""
    if not neighbour or neighbour.isspace():
        return False
    return neighbour.isalnum() or written == neighbour or (neighbour in QUOTES and written in QUOTES and written != "")


def _kept(found: Sequence[str], own: Sequence[str]) -> tuple[set[int], list[str]]:
    """The places in `found` of the numbers of `own`, of several the nearest to its place there, and those not found."""
    places: dict[str, list[int]] = {}
    for place, number in enumerate(found):
        places.setdefault(same_number(number), []).append(place)
    kept: set[int] = set()
    missing: list[str] = []
    for place, number in enumerate(own):
        free = [other for other in places.get(same_number(number), ()) if other not in kept]
        if free:
            kept.add(min(free, key=lambda other: abs(other - place)))
        else:
            missing.append(number)
    return kept, missing


def _signs_at(span: str) -> str:
    """Signs beside the number of a span; none for a name, such as COVID-19."""
    around = NUMBERS.sub("", span).replace(" ", "")
    return "".join(c for c in around if c in _SIGNS) if "$" in around or not any(map(str.isalpha, around)) else ""


def is_number(span: str) -> bool:
    """Whether a span stands for a number: 5 €, ½, 0170 1234567."""
    return any(map(str.isnumeric, span)) and not any(map(str.isalpha, span)) and not any(c in "{<`%$@&\\" for c in span)


def _pattern(mask: str) -> str:
    if mask[0].isdigit():
        return rf"(?<![\w.,])(?<!\d[:/’'–-]){re.escape(mask)}(?![\d]|[.,:/’'–-]\d)"
    return rf"(?<!\w){re.escape(mask)}(?!\w)"


def _occurrences(mask: str, text: str, flags: re.RegexFlag = re.NOFLAG) -> list[re.Match[str]]:
    return list(re.finditer(_pattern(mask), text, flags))


def _count(word: str, text: str) -> int:
    """How often a word is in `text` by itself: 221B is not in 221Baker, and *** not in ****."""
    first, last = re.escape(word[0]), re.escape(word[-1])
    return len(re.findall(rf"(?<![\w{first}]){re.escape(word)}(?![\w{last}])", text))


def _without(text: str, masks: Sequence[str]) -> str:
    for mask in masks:
        text = re.sub(_pattern(mask), " ", text)
    return text


def says_something(masked: Masked, text: str) -> bool:
    """Whether a translation of the masked text holds a letter or digit besides its masks, and the number of its line."""
    if number := _NUMBERED.match(masked.text):
        text = text.removeprefix(number[0])
    return any(map(str.isalnum, _without(text, masked.masks)))


def with_pieces(hypothesis: Hypothesis, originals: Sequence[tuple[str, str]]) -> Hypothesis:
    """`hypothesis` with one token for each (mask, original), in place of those that spell the mask."""
    if not originals:
        return hypothesis
    tokens, rows = list(hypothesis.tokens), list(hypothesis.attention)
    for mask, original in originals:
        first, last = _pieces_of(mask, tokens)
        if first < last:
            tokens[first:last] = [_with_span(tokens[first:last], mask, original)]
            if rows:
                rows[first:last] = [_mean(rows[first:last])]
    return replace(hypothesis, tokens=tuple(tokens), attention=tuple(rows))


def _pieces_of(mask: str, pieces: Sequence[str]) -> tuple[int, int]:
    """Which of `pieces` spell `mask`: the first, and the one after the last; the same number twice where none do."""
    found = re.search(_pattern(mask), "".join(pieces).replace("\u2581", " "))
    if found is None:
        return 0, 0
    place, first, last = 0, 0, len(pieces)
    for number, piece in enumerate(pieces):
        if place <= found.start():
            first = number
        place += len(piece)
        if place >= found.end():
            last = number + 1
            break
    # The blank before a word may be a piece of its own.
    return first, last


def _with_span(pieces: Sequence[str], mask: str, original: str) -> str:
    return "".join(pieces).replace(mask.replace(" ", "\u2581"), original.replace(" ", "\u2581"), 1)


def _as_piece(text: str) -> str:
    return "\u2581" + text.replace(" ", "\u2581")


def _mean(rows: Sequence[Sequence[float]]) -> array[float]:
    return array("d", (sum(column) / len(rows) for column in zip(*rows, strict=True)))


def _at_end(place: int, values: Sequence[str], value: str) -> list[str]:
    return [*values, value] if place else [value, *values]


def _with_end(one: Hypothesis, place: int, end: str, *, width: int) -> Hypothesis:
    """`one` with a sign before (place 0) or after it (1), which attends to itself: a sentence of `width` tokens has it."""
    text = one.text + end if place else end + one.text
    tokens = tuple(_at_end(place, one.tokens, _as_piece(end.strip())))
    rows = [array("d", (*row, 0.0) if place else (0.0, *row)) for row in one.attention]
    if one.attention:
        itself = array("d", (float(column == (width - 1 if place else 0)) for column in range(width)))
        rows = [*rows, itself] if place else [itself, *rows]
    return replace(one, text=text, tokens=tokens, attention=tuple(rows))
