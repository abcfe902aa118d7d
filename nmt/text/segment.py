"""A text as sentences and what stands between them, so that translations can be put back with every space in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nmt.text.boundaries import sentence_ends

MAX_CHARACTERS = 500  # of a sentence; recipes drop longer ones from training, unless they say otherwise

# Line ends of every kind, tabs and other control characters: no sentence goes on across one.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CLAUSE_END = re.compile(r"[,;:–—](?=\s)|[,、;:،؛]")


@dataclass(frozen=True, slots=True)
class Segmentation:
    """`separators[0] + sentences[0] + separators[1] + ... + separators[-1]` is the text, exactly."""

    sentences: tuple[str, ...]
    """Each holds a letter or a digit, no line end or control character, and no white space at either end."""
    separators: tuple[str, ...]
    """One more than sentences. Besides white space, what has no letter or digit: a rule of dashes, an emoji on its own."""

    def join(self, translations: Sequence[str]) -> str:
        """The text with a translation in the place of each sentence."""
        if len(translations) != len(self.sentences):
            raise ValueError(f"{len(translations)} translations for {len(self.sentences)} sentences; should be one for each")
        parts = [self.separators[0]]
        for translation, separator in zip(translations, self.separators[1:], strict=True):
            parts += (translation, separator)
        return "".join(parts)


def segment(
    text: str, *, language: str, max_characters: int = MAX_CHARACTERS, fits: Callable[[str], bool] = lambda _: True
) -> Segmentation:
    """Split `text` at line ends and ends of sentence, by the rules of `language` (ISO 639 code) where there are some.

    A sentence of more than `max_characters` is split after a clause, or else at a space, or else anywhere; and so are those
    that do not fit, until they do or are single characters.
    """
    if max_characters < 1:
        raise ValueError(f"max_characters {max_characters} should be at least 1")
    sentences: list[str] = []
    separators: list[str] = []
    last = 0
    for start, end in _sentence_spans(text, language):
        for piece_start, piece_end in _split_long(text, start, end, max_characters, fits):
            separators.append(text[last:piece_start])
            sentences.append(text[piece_start:piece_end])
            last = piece_end
    separators.append(text[last:])
    return Segmentation(tuple(sentences), tuple(separators))


def _sentence_spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    for line_start, line_end in _line_spans(text):
        start = 0
        for end in sentence_ends(text[line_start:line_end], language):
            yield line_start + start, line_start + end
            start = end


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAKS.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _split_long(
    text: str, start: int, end: int, max_characters: int, fits: Callable[[str], bool]
) -> Iterator[tuple[int, int]]:
    """Spans of at most `max_characters` that fit, within a sentence, without outer white space."""
    start, end = _trim(text, start, end)
    while start < end:
        cut = end if end - start <= max_characters else _cut(text, start, start + max_characters)
        for piece_start, piece_end in _worthwhile(text, start, cut):
            length = piece_end - piece_start
            if length == 1 or fits(text[piece_start:piece_end]):
                yield piece_start, piece_end
            else:
                yield from _split_long(text, piece_start, piece_end, (length + 1) // 2, fits)
        start, end = _trim(text, cut, end)


def _cut(text: str, start: int, limit: int) -> int:
    """Where to end a piece that begins at `start` and must end at `limit` at the latest."""
    # Clauses of the first half are left alone: a piece should hold as much context as it can.
    half = start + (limit - start) // 2
    clauses = [match.end() for match in _CLAUSE_END.finditer(text, half, limit)]
    if clauses:
        return clauses[-1]
    for position in range(limit, start, -1):
        if text[position].isspace():
            return position
    return limit


def _worthwhile(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    start, end = _trim(text, start, end)
    if any(character.isalnum() for character in text[start:end]):
        yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return start, end


def _is_blank(character: str) -> bool:
    return character.isspace() or character == "\ufeff"
