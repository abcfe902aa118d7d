"""Spans of a sentence that are no language, and how they travel through a model that would harm them.

A placeholder, an address or a character that the vocabulary cannot write is replaced by a mask: a word, or a symbol of the
vocabulary, that models copy. The translation must have each mask once; each is then replaced by its span, byte for byte.

    Hallo {name}! ──mask──> Hallo XX! ──model──> Hello XX! ──restore──> Hello {name}!
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from nmt.translate.result import Hypothesis, SentenceTranslation


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a sentence that must come through as it is: sentence[start:end]."""

    start: int
    end: int
    soft: bool = False
    """A number or the like, which a model may well copy: it is shown to the model first, and masked if that fails."""


_WORD_END = r"(?![\w])"
_CONVERSION = r"[#0+-]*\d*(?:\.\d+)?(?:hh|ll|[hlLqjzt])?[sdifeEgGxXoucrp@]"
_TOP_LEVEL_DOMAINS = "com|org|net|edu|gov|info|io|dev|app|eu|de|at|ch|uk|fr|es|it|nl|pl|example|local|test"
_ROOTS = "bin|boot|dev|etc|home|lib|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|Applications|Library|Users"
_EXTENSIONS = (
    "7z|avi|bak|bat|bz2|cfg|conf|cpp|csv|css|dat|deb|dll|doc|docx|epub|exe|flac|gif|gz|htm|html|ico|ini|iso|java|jpeg|jpg|js|"
    "json|log|md|mkv|mov|mp3|mp4|odp|ods|odt|ogg|pdf|php|png|po|ppt|pptx|ps1|py|rar|rpm|rs|rtf|sh|sql|srt|svg|tar|tex|tif|"
    "tiff|toml|tsv|ttf|txt|vtt|wav|webm|webp|xhtml|xls|xlsx|xml|xz|yaml|yml|zip|zst"
)

# In the order in which they are tried at a place.
_HARD = re.compile(
    "|".join(
        (
            r"`[^`\n]+`",  # code
            r"(?:https?|ftps?|sftp|ssh|file|git|mailto|tel):(?://)?[^\s<>\"'`|\\^{}]+",
            r"(?<!\w)www\.[^\s<>\"'`|\\^{}]+",
            r"(?<![\w.+-])[\w.+-]*\w@[\w-]+(?:\.[\w-]+)+",  # an e-mail address
            rf"(?<![\w.@-])(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+(?:{_TOP_LEVEL_DOMAINS}){_WORD_END}(?:[/:?#][^\s<>\"'`]*)?",
            r"(?<![\w.])[A-Za-z]:\\[^\s\"'`<>|]*",  # a path of Windows
            r"\\\\[\w.-]+\\[^\s\"'`<>|]*",
            rf"(?<![\w./<])(?:(?:~|\.{{1,2}})/|/(?=(?:{_ROOTS})(?!\w)|[\w.@+-]+/))(?:[\w.@+-]+/)*[\w.@+-]*[\w+-]/?",  # a path
            rf"(?<![\w.])[\w-]+(?:\.[\w-]+)*\.(?:{_EXTENSIONS}){_WORD_END}",  # a file
            r"</?[A-Za-z\d][\w:.-]*(?:\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?)*\s*/?>",  # a tag
            r"<!--.*?-->",
            r"&(?:[A-Za-z]\w*|#\d+|#x[\dA-Fa-f]+);",  # an entity
            r"\$t\([^()]*\)",
            r"[$#]?\{\{[^{}]*\}\}",
            r"[$#@%]?\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}",
            rf"%\([\w. -]+\){_CONVERSION}",
            rf"%\d+\$?{_CONVERSION}{_WORD_END}",
            rf"(?<![\d%])%{_CONVERSION}{_WORD_END}",
            r"%%",
            r"(?<!\w)%[A-Za-z_]\w*%",
            r"%\d+(?![\d%])",
            r"\[\[[^\[\]\n]+\]\]",
            r"(?<!\w)\$[A-Za-z_][\w.]*\w",
            r"(?<![\w:/])[:@#](?=\w*[A-Za-z_])[A-Za-z_\d](?:[\w.-]*\w)",  # :name, @user, #tag
            r"(?<![^\s([])(?:--[a-z][\w-]*(?:=[^\s\"'`]+)?|-[A-Za-z](?![\w-]))",  # an option of a command
            r"(?<!\w)\w+(?:::\w+)+(?:\(\))?|(?<!\w)[A-Za-z_]\w*\(\)",  # a name in a program
            r"(?<!\w)[A-Za-z]*_\w*|(?<!\w)[a-z]+(?:[A-Z][a-z\d]+)+(?!\w)",  # snake_case, camelCase
            r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?(?!\w)",  # an IBAN
            r"(?<!\w)[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}(?!\w)",  # a UUID
            r"(?<!\w)0[xX][\dA-Fa-f]+(?!\w)|(?<!\w)(?=\w*\d)(?=\w*[a-f])[\da-f]{7,64}(?!\w)",
            r"(?<![\w:])(?:[\dA-Fa-f]{1,4}:){2,7}[\dA-Fa-f]{1,4}(?![\w:])(?<!\d:\d\d:\d\d)",  # IPv6, a MAC address
            r"(?<![\w.])[vV]?\d+(?:\.\d+){3}(?:[:/]\d+)?(?![\w.]\w)",  # IPv4
            r"(?<!\w)[vV]\d+(?:\.\d+)*(?:[-.+]?[A-Za-z]+\.?\d*)?(?!\w)|(?<![\w.])\d+\.\d+\.\d+(?:-?(?:alpha|beta|rc|dev)\.?\d*)(?!\w)",
        )
    )
)
_NUMBER = r"\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?![\d])|\d+(?:[.,:/’'–-]\d+)*"
# Every match of the above holds one of these; most sentences do not.
_HINT = re.compile(
    r"[`@/\\{<%$#_&\[]|\w[.:(]\w?\)?(?<=[\w)])\w|\w\(\)|\w::|--|(?<!\S)-[A-Za-z]\b|[a-z][A-Z]|\d[a-f\d]|[vV]\d"
)
# A number; with letters before or after it, a name such as A4, B2B or MP3-Player.
_SOFT = re.compile(rf"(?<![^\W\d_])(?:[A-Z][A-Za-z]*-?)?(?:{_NUMBER})(?:[A-Za-z]*[A-Z][A-Za-z]*(?!\w))?")
_DIGITS = re.compile(_NUMBER)
_TRAILING = ".,;:!?…'\"’”»"
_BRACKETS = {")": "(", "]": "[", "}": "{"}

STAND_INS = range(0xF0000, 0xFFFFE)
"""Characters for private use. Each is a span of its own: it stands for what a sentence is not to be shown at all."""
_PARTS = re.compile(rf"[{chr(STAND_INS[0])}-{chr(STAND_INS[-1])}]|[^\s{chr(STAND_INS[0])}-{chr(STAND_INS[-1])}]+")

# Models without symbols copy these; of those that a sentence does not have, the ones of fewest subwords come first.
WORDS = ("XX", "ABC", "XML", "HTTP", "N1", "URL", "K9", "Linux", "KDE", "Q7", "ZZ", "XYZ")


def find_spans(sentence: str, known: Set[str]) -> list[Span]:
    """The spans of a sentence, in order and apart from each other. `known` are the characters that the vocabulary can write.

    A rare character is a span, with the word it is part of and with the number it stands beside, such as 5 € or Łódź.
    """
    spans: list[Span] = []
    if _HINT.search(sentence):
        for match in _HARD.finditer(sentence):
            end = _without_trailing(sentence, match.start(), match.end())
            if end > match.start() + 1 or sentence[match.start()] == "%":
                spans.append(Span(match.start(), end))
    if not sentence.isascii() and not known.issuperset(sentence):
        spans += _rare(sentence, known)
    spans = _merged(spans)
    if not any(map(str.isdigit, sentence)):
        return spans
    covered = [False] * len(sentence)
    for span in spans:
        covered[span.start : span.end] = [True] * (span.end - span.start)
    numbers = [
        Span(match.start(), match.end(), soft=True)
        for match in _SOFT.finditer(sentence)
        if not any(covered[match.start() : match.end()])
    ]
    return sorted([*spans, *numbers], key=lambda span: span.start)


def _without_trailing(sentence: str, start: int, end: int) -> int:
    """The end of an address or a path without the punctuation of the sentence that follows it."""
    if sentence[start] in "`<&{$%#@[" and sentence[end - 1] in "`>;})]%":
        return end
    while end > start + 1:
        last = sentence[end - 1]
        opening = _BRACKETS.get(last)
        unopened = opening is not None and sentence.count(opening, start, end) < sentence.count(last, start, end)
        if last not in _TRAILING and not unopened:
            break
        end -= 1
    return end


def _rare(sentence: str, known: Set[str]) -> Iterator[Span]:
    """What holds characters that the vocabulary would have to spell in bytes, or never learned to use."""
    for match in _PARTS.finditer(sentence):
        word = match[0]
        if ord(word[0]) in STAND_INS:
            yield Span(match.start(), match.end())
            continue
        if all(character in known for character in word):
            continue
        first = next(place for place, character in enumerate(word) if character not in known)
        last = next(place for place in range(len(word) - 1, -1, -1) if word[place] not in known)
        # The rest of the word belongs to it, but not the punctuation around the word.
        while first > 0 and (word[first - 1].isalnum() or word[first - 1] in "-'’_"):
            first -= 1
        while last + 1 < len(word) and (word[last + 1].isalnum() or word[last + 1] in "-'’_.,"):
            last += 1
        while word[last] in "-'’_.," and word[last] in known:
            last -= 1
        start, end = match.start() + first, match.start() + last + 1
        if not any(character.isalpha() for character in sentence[start:end]):
            if before := re.search(rf"(?:{_NUMBER})[ \u00a0\u202f]$", sentence[:start]):
                start = before.start()
            if after := re.match(rf"[ \u00a0\u202f](?:{_NUMBER})", sentence[end:]):
                end += after.end()
        yield Span(start, end)


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans that overlap, and those with nothing but a blank between them, as one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def is_language(text: str) -> bool:
    """Whether there is a letter in `text`, and so something to translate."""
    return any(character.isalpha() for character in text)


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence with masks in the place of some of its spans."""

    sentence: str
    text: str
    """What the model is shown."""
    spans: tuple[Span, ...]
    masks: tuple[str, ...]
    """One for each of `spans`."""
    left: tuple[str, ...]
    """Numbers and the like that are not masked, and which the translation should have."""

    @property
    def shown(self) -> bool:
        """Whether anything but spans is there to translate."""
        return is_language(_cut_out(self.text, self.masks))

    def restored(self, hypothesis: Hypothesis) -> Hypothesis | None:
        """`hypothesis` with the spans in place of their masks; None where a mask or a number is lost, changed or doubled."""
        text = hypothesis.text
        for mask in self.masks:
            if len(_occurrences(mask, text)) != 1:
                return None
        without = _cut_out(text, self.masks)
        if self.left and Counter(_numbers(without)) != Counter(number for one in self.left for number in _numbers(one)):
            return None
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", without) is None for name in self.left):
            return None
        tokens, rows = list(hypothesis.tokens), list(hypothesis.attention)
        for mask, span in zip(self.masks, self.spans, strict=True):
            original = self.sentence[span.start : span.end]
            text = _put_back(text, mask, original, self.sentence, span)
            place = _pieces_of(mask, tokens)
            if place is not None:
                first, last = place
                tokens[first:last] = [_as_piece(tokens[first], original)]
                if rows:
                    rows[first:last] = [_mean(rows[first:last])]
        return Hypothesis(
            text=text,
            score=hypothesis.score,
            log_probability=hypothesis.log_probability,
            tokens=tuple(tokens),
            attention=tuple(rows),
        )

    def restored_source(self, found: SentenceTranslation, hypotheses: Sequence[Hypothesis]) -> SentenceTranslation:
        """`found` as the translation of the sentence itself, with these hypotheses."""
        pieces = list(found.source_tokens)
        for mask, span in zip(self.masks, self.spans, strict=True):
            place = _pieces_of(mask, pieces)
            if place is None:
                continue
            first, last = place
            pieces[first:last] = [_as_piece(pieces[first], self.sentence[span.start : span.end])]
            hypotheses = [
                Hypothesis(
                    text=one.text,
                    score=one.score,
                    log_probability=one.log_probability,
                    tokens=one.tokens,
                    attention=tuple((*row[:first], sum(row[first:last]), *row[last:]) for row in one.attention),
                )
                for one in hypotheses
            ]
        return SentenceTranslation(source=self.sentence, source_tokens=tuple(pieces), hypotheses=tuple(hypotheses))


def mask(sentence: str, spans: Sequence[Span], words: Sequence[str], *, soft: bool) -> Masked | None:
    """`sentence` with its hard spans masked, and with `soft` all spans; None where there are not enough masks.

    `words` are what masks are taken from, best first.
    """
    chosen = [span for span in spans if soft or not span.soft]
    lower = sentence.lower()
    free = [word for word in words if word.lower() not in lower]
    if len(free) < len(chosen):
        return None
    masks = tuple(free[: len(chosen)])
    parts, last = [], 0
    for span, word in zip(chosen, masks, strict=True):
        # A mask is a word of its own: what touched the span is kept apart from it where it could be read as one word.
        before, after = sentence[last : span.start], sentence[span.end : span.end + 1]
        parts += [before, " " if before[-1:].isalnum() else "", word, " " if after.isalnum() else ""]
        last = span.end
    parts.append(sentence[last:])
    left = tuple(sentence[span.start : span.end] for span in spans if span not in chosen)
    return Masked(sentence=sentence, text="".join(parts), spans=tuple(chosen), masks=masks, left=left)


def between(sentence: str, spans: Sequence[Span]) -> list[tuple[str, bool]]:
    """The parts of a sentence, each with whether it is a span: joined they are the sentence."""
    parts, last = [], 0
    for span in spans:
        parts += [(sentence[last : span.start], False), (sentence[span.start : span.end], True)]
        last = span.end
    return [*parts, (sentence[last:], False)]


def _numbers(text: str) -> list[str]:
    return [match[0] for match in _DIGITS.finditer(text)]


def _occurrences(mask: str, text: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<!\w){re.escape(mask)}(?!\w)", text))


def _cut_out(text: str, masks: Sequence[str]) -> str:
    for mask in masks:
        text = re.sub(rf"(?<!\w){re.escape(mask)}(?!\w)", " ", text)
    return text


def _put_back(text: str, mask: str, original: str, sentence: str, span: Span) -> str:
    """`text` with `original` in place of `mask`, touching what it touched: ({n}) does not become ( {n} )."""
    (match,) = _occurrences(mask, text)
    before, after = text[: match.start()], text[match.end() :]
    neighbour = sentence[span.start - 1 : span.start]
    if neighbour and not neighbour.isspace() and _touches(before.rstrip(" ")[-1:], neighbour):
        before = before.rstrip(" ")
    neighbour = sentence[span.end : span.end + 1]
    if neighbour and not neighbour.isspace() and _touches(after.lstrip(" ")[:1], neighbour):
        after = after.lstrip(" ")
    return before + original + after


def _touches(character: str, neighbour: str) -> bool:
    """Whether `character` stands beside a span in the translation as `neighbour` did in the source: of words, any letter does."""
    return character.isalnum() if neighbour.isalnum() else character == neighbour


def _pieces_of(word: str, pieces: Sequence[str]) -> tuple[int, int] | None:
    """Which of `pieces` spell `word`, a word of its own: the first, and the one after the last."""
    for first in range(len(pieces)):
        text = ""
        for last in range(first, len(pieces)):
            text += pieces[last].removeprefix("\u2581") if last == first else pieces[last]
            if text == word:
                return first, last + 1
            if not word.startswith(text):
                break
    return None


def _mean(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def _as_piece(before: str, original: str) -> str:
    return ("\u2581" if before.startswith("\u2581") else "") + original.replace(" ", "\u2581")


def writable(pieces: Sequence[str]) -> frozenset[str]:
    """The characters that a vocabulary has learned to use: those of pieces of several, punctuation, and all of ASCII."""
    found = {character for piece in pieces if len(piece) > 1 and not piece.startswith("<0x") for character in piece}
    found |= {piece for piece in pieces if len(piece) == 1 and unicodedata.category(piece).startswith("P")}
    found = {character for character in found if not unicodedata.category(character).startswith(("C", "So"))}
    return frozenset(found | {chr(code) for code in range(32, 127)} | {"\u00a0", "\u202f"})
