"""A text as sentences and what stands between them, so that translations can be put back with every space in its place."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.text.boundaries import sentence_ends

MAX_CHARACTERS = 500  # of a sentence; recipes drop longer ones from training, unless they say otherwise

_SPLITS = get_args(Split)

# Line ends of every kind, tabs and other control characters: no sentence goes on across one, save a line end that wraps.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CLAUSE_END = re.compile(r"[,;:–—](?=\s)|[,、;:،؛]")
_WRAP = re.compile(r"(?:\r\n|\n|\r)(\t*)")
# Three blanks or more set columns apart where what follows begins as a cell does.
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_COLUMN = re.compile(r"[^\W_a-zß-öø-ÿ]|[$€£¥(\[„“\"«+-]")
_BULLET = re.compile(r"(?:[-*+•‣▪◦·>|#]+|\(?[a-zA-Z]\)|\(?\d{1,3}\))(?:\s+|$)")
# Inside a sentence, a line may well begin with a date or a dash.
_UNSURE_BULLET = re.compile(r"(?:[–—]|\d{1,3}(?:\.\d+)*\.|[ivxIVX]+\.)(?:\s+|$)")
_LINE_CLOSED = re.compile(r"[.!?…:;。！？][\"'”’“»«)\]]*$")
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff65]")  # Chinese and Japanese


class Wrap(NamedTuple):
    """A line end within a sentence: where it stood, the blank (or nothing) in its place, and its own characters."""

    offset: int
    blank: str
    line_end: str


@dataclass(frozen=True, slots=True)
class Segmentation:
    """`join(sentences)` is the text, exactly.

    Without wraps that is `separators[0] + sentences[0] + separators[1] + ... + separators[-1]`.
    """

    sentences: tuple[str, ...]
    """Each holds a letter or a digit, no line end or control character, and no white space at either end."""
    separators: tuple[str, ...]
    """One more than sentences. Besides white space, what has no letter or digit: a rule of dashes, an emoji on its own."""
    wraps: tuple[tuple[Wrap, ...], ...] = ()
    """Line ends within each sentence, in order. Empty where no sentence has one."""

    def join(self, translations: Sequence[str]) -> str:
        """The text with a translation in the place of each sentence.

        A line end within a sentence takes the place of the blank nearest to the same share of the translation. If the
        translation has no blank left, the line end is dropped.
        """
        if len(translations) != len(self.sentences):
            raise ValueError(f"{len(translations)} translations for {len(self.sentences)} sentences; should be one for each")
        if self.wraps:
            translations = list(map(_wrapped, translations, self.sentences, self.wraps))
        parts = [self.separators[0]]
        for translation, separator in zip(translations, self.separators[1:], strict=True):
            parts += (translation, separator)
        return "".join(parts)


def segment(
    text: str,
    *,
    language: str,
    split: Split = "sentences",
    max_characters: int = MAX_CHARACTERS,
    fits: Callable[[str], bool] = lambda _: True,
) -> Segmentation:
    """Split `text` at line ends, columns and ends of sentence, by the rules of `language` (ISO 639) where there are some.

    `split="none"` splits at line ends alone. `split="nonewlines"` is for wrapped text: a line end is a blank, unless a
    paragraph ends there, which it does before a blank line, a list's marker and a line with another indentation.

    A sentence of more than `max_characters` is split after a clause, or else at a space, or else anywhere; and so are those
    that do not fit, until they do or are single characters.
    """
    if max_characters < 1:
        raise ValueError(f"max_characters {max_characters} should be at least 1")
    if split not in _SPLITS:
        raise InputError(f"split {split!r} should be one of {', '.join(_SPLITS)}")
    sentences: list[str] = []
    separators: list[str] = []
    wraps: list[tuple[Wrap, ...]] = []
    last = 0
    blocks = {"none": _lines, "sentences": _cells if "   " in text else _lines, "nonewlines": _paragraphs}[split]
    for block in blocks(text):
        start = 0
        for end in (len(block.text),) if split == "none" else sentence_ends(block.text, language):
            for piece_start, piece_end in _split_long(block.text, start, end, max_characters, fits):
                sentences.append(block.text[piece_start:piece_end])
                text_start, text_end, piece_wraps = block.find(text, piece_start, piece_end)
                separators.append(text[last:text_start])
                wraps.append(piece_wraps)
                last = text_end
            start = end
    separators.append(text[last:])
    return Segmentation(tuple(sentences), tuple(separators), tuple(wraps) if any(wraps) else ())


class _Block(NamedTuple):
    """Text to look for sentences in: a line, or the lines of a paragraph as one."""

    text: str
    offsets: list[int]
    """Where in the block each of its lines begins."""
    spans: list[tuple[int, int]]
    """Where each of its lines stands in the whole text."""

    def find(self, text: str, start: int, end: int) -> tuple[int, int, tuple[Wrap, ...]]:
        """Where a piece of the block stands in the whole text, and the wraps within it."""
        if len(self.spans) == 1:
            return self.spans[0][0] + start, self.spans[0][0] + end, ()
        first = bisect.bisect_right(self.offsets, start) - 1
        last = bisect.bisect_left(self.offsets, end) - 1
        wraps = []
        for line in range(first + 1, last + 1):
            (before_start, before_end), (after_start, _) = self.spans[line - 1 : line + 1]
            blank_start = self.offsets[line - 1] + before_end - before_start
            blank = self.text[blank_start : self.offsets[line]]
            wraps.append(Wrap(blank_start - start, blank, text[before_end:after_start]))
        return (
            self.spans[first][0] + start - self.offsets[first],
            self.spans[last][0] + end - self.offsets[last],
            tuple(wraps),
        )


def _lines(text: str) -> Iterator[_Block]:
    for start, end in _line_spans(text):
        yield _Block(text[start:end], [0], [(start, end)])


def _cells(text: str) -> Iterator[_Block]:
    """The lines of `text`, and of a line of columns each."""
    for line in _lines(text):
        gaps = list(_GAP.finditer(line.text))
        if not all(_COLUMN.match(line.text, gap.end()) for gap in gaps):
            gaps = []
        start, [(offset, _)] = 0, line.spans
        for end in (*(gap.end() for gap in gaps), len(line.text)):
            yield _Block(line.text[start:end], [0], [(offset + start, offset + end)])
            start = end


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAKS.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _paragraphs(text: str) -> Iterator[_Block]:
    """Lines that go on from each other, without their outer white space, joined by blanks."""
    spans: list[tuple[int, int]] = []
    columns: tuple[int, ...] = ()  # where a line that goes on may begin
    in_list = False
    previous_end = 0
    for line_start, line_end in _line_spans(text):
        start, end = _trim(text, line_start, line_end)
        gap = text[previous_end:line_start]
        wrap = _WRAP.fullmatch(gap) if spans else None
        tabs = len(gap) - len(gap.rstrip("\t"))
        column = 8 * tabs + start - line_start
        bullet = _BULLET.match(text, start, end)
        unsure = _UNSURE_BULLET.match(text, start, end)
        is_item = bullet or (
            unsure and (not wrap or in_list or _LINE_CLOSED.search(text, max(spans[-1][1] - 9, 0), spans[-1][1]))
        )
        previous_end = line_end
        if start < end and wrap and not is_item and column in columns:
            spans.append((start, end))
            continue
        if spans:
            yield _joined(text, spans)
        spans = [(start, end)] if start < end else []
        marker = bullet or unsure
        in_list = bool(is_item)
        columns = (column, column + marker.end() - start) if is_item and marker else (column,)
    if spans:
        yield _joined(text, spans)


def _joined(text: str, spans: list[tuple[int, int]]) -> _Block:
    parts: list[str] = []
    offsets: list[int] = []
    length = 0
    for start, end in spans:
        if parts:
            is_unspaced = _UNSPACED.match(text, start) and _UNSPACED.match(parts[-1], len(parts[-1]) - 1)
            parts.append("" if is_unspaced else " ")
            length += len(parts[-1])
        offsets.append(length)
        parts.append(text[start:end])
        length += end - start
    return _Block("".join(parts), offsets, spans)


def _wrapped(translation: str, sentence: str, wraps: tuple[Wrap, ...]) -> str:
    """The translation with the line ends of its sentence, in the places of blanks."""
    if not wraps:
        return translation
    places: list[tuple[int, int]]
    if translation == sentence:
        places = [(wrap.offset, len(wrap.blank)) for wrap in wraps]
    else:
        blanks = [position for position, character in enumerate(translation) if character == " "]
        places = []
        free = 0
        for wrap in wraps[: len(blanks)]:
            wanted = wrap.offset * len(translation) / len(sentence)
            index = bisect.bisect_left(blanks, wanted, free)
            if index == len(blanks) or (index > free and wanted - blanks[index - 1] < blanks[index] - wanted):
                index -= 1
            if index < free:
                break
            places.append((blanks[index], 1))
            free = index + 1
    parts: list[str] = []
    last = 0
    for (place, length), wrap in zip(places, wraps, strict=False):
        parts += (translation[last:place], wrap.line_end)
        last = place + length
    return "".join(parts) + translation[last:]


def _split_long(
    text: str, start: int, end: int, max_characters: int, fits: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Spans of at most `max_characters` that fit, within a sentence, without outer white space."""
    start, end = _trim(text, start, end)
    while start < end:
        cut = end if end - start <= max_characters else _cut(text, start, start + max_characters)
        piece_end = cut if cut == end else _trim(text, start, cut)[1]
        if text[start].isalnum() or any(map(str.isalnum, text[start:piece_end])):
            length = piece_end - start
            if length == 1 or fits(text[start:piece_end]):
                yield start, piece_end
            else:
                yield from _split_long(text, start, piece_end, (length + 1) // 2, fits)
        start, end = _trim(text, cut, end)


def _cut(text: str, start: int, limit: int) -> int:
    """Where to end a piece that begins at `start` and must end at `limit` at the latest."""
    # Clauses of the first half are left alone: a piece should hold as much context as it can.
    half = start + (limit - start) // 2
    clauses = [match.end() for match in _CLAUSE_END.finditer(text, half, limit)]
    if clauses:
        return clauses[-1]
    spaces = [position for position in range(limit, start, -1) if text[position].isspace()]
    # A full stop within a sentence belongs to a number or an abbreviation, which would be left without its noun.
    return next((space for space in spaces if text[space - 1] != "."), spaces[0] if spaces else limit)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return start, end


def _is_blank(character: str) -> bool:
    return character.isspace() or character == "\ufeff"
