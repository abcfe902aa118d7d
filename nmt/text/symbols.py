"""Symbols that stand for spans: a model that has learned them carries a placeholder or an address without reading it.

    Hallo {name}! ──> Hallo S! ──model──> Hello S! ──> Hello {name}!

Each symbol is a character for private use and a piece of the vocabulary, with and without a blank before it. Training text
has symbols in the place of spans that stand on both sides of a pair, at random: of a pair the same ones whenever it is asked
for. (Placeholders for named entities: Luong et al. 2015, "Addressing the rare word problem"; Crego et al. 2016, section 3.)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from random import Random

from nmt.text.spans import Characters, Span, find_spans

SYMBOLS = tuple(chr(0xE000 + number) for number in range(32))
"""In the order in which a vocabulary has them."""

_LONG_NUMBER = 5  # digits from which a number is always a symbol
_NUMBERS = 0.15  # share of the other numbers that become symbols
_WORDS = 0.02  # share of pairs in which a word that both sides have becomes one
_ADDED = 0.01  # share of pairs without any to which one is added
_PATTERNS = ("{0}: {1}", "{1} ({0})", "{0} {1}", "{1} {0}")
_WORD = re.compile(r"(?<![\w'’-])[^\W\d_]{2,}(?![\w'’-])")


def with_symbols(source: str, target: str, symbols: Sequence[str]) -> tuple[str, str]:
    """Both sides of a pair with `symbols` in the place of spans that they share. The same arguments give the same pair.

    A text without a source, such as a language model's, is taken for its own.
    """
    if not symbols:
        return source, target
    if not source:
        return "", with_symbols(target, target, symbols)[1]
    random = Random(blake2b(f"{source}\n{target}".encode(), digest_size=8).digest())
    chosen = [pair for pair in _shared_spans(source, target) if _is_hidden(source, pair[0], random)]
    if not chosen and random.random() < _WORDS:
        words = list(_shared_words(source, target))
        chosen = [random.choice(words)] if words else []
    if not chosen:
        if random.random() >= _ADDED:
            return source, target
        pattern, symbol = random.choice(_PATTERNS), random.choice(symbols)
        return pattern.format(symbol, source), pattern.format(symbol, target)
    chosen = chosen[: len(symbols)]
    drawn = random.sample(symbols, len(chosen))
    return (
        _replaced(source, [own for own, _ in chosen], drawn),
        _replaced(target, [own for _, own in chosen], drawn),
    )


def _shared_spans(source: str, target: str) -> list[tuple[Span, Span]]:
    """Spans that both sides have equally often: the first of one is the first of the other, and so on."""
    sides: list[dict[str, list[Span]]] = []
    for text in (source, target):
        own: dict[str, list[Span]] = defaultdict(list)
        for span in find_spans(text, Characters(frozenset(text), frozenset())):
            if _stands_alone(text, span):
                own[text[span.start : span.end]].append(span)
        sides.append(own)
    first, second = sides
    shared = [
        pair
        for text, spans in first.items()
        if len(spans) == len(second.get(text, ()))
        for pair in zip(spans, second[text], strict=True)
    ]
    return sorted(shared)


def _shared_words(source: str, target: str) -> Iterator[tuple[Span, Span]]:
    """Words, such as names, that stand once on either side, but for a side that is nothing else."""
    sides = []
    for text in (source, target):
        found = [(match[0], Span(match.start(), match.end())) for match in _WORD.finditer(text)]
        if len(found) < 3:
            return
        sides.append({word: span for word, span in found if sum(word == other for other, _ in found) == 1})
    first, second = sides
    for word, span in first.items():
        if word in second:
            yield span, second[word]


def _is_hidden(text: str, span: Span, random: Random) -> bool:
    if not span.soft:
        return True
    long = sum(map(str.isdigit, text[span.start : span.end])) >= _LONG_NUMBER
    return random.random() < _NUMBERS or long


def _stands_alone(text: str, span: Span) -> bool:
    """Whether no letter or digit touches the span, so that a symbol in its place is a word of its own."""
    return not (text[span.start - 1 : span.start].isalnum() or text[span.end : span.end + 1].isalnum())


def _replaced(text: str, spans: Sequence[Span], symbols: Sequence[str]) -> str:
    parts, last = [], 0
    for span, symbol in sorted(zip(spans, symbols, strict=True)):
        parts += [text[last : span.start], symbol]
        last = span.end
    return "".join((*parts, text[last:]))
