"""A translator without a model, which drives the plan of a text: word for word, each looking at its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nmt.config.search import SearchOptions
from nmt.text.spans import characters_of
from nmt.translate.ask import Ask, Sentence
from nmt.translate.documents.formats import read_document
from nmt.translate.markup.options import Markup
from nmt.translate.plan import advance, plan
from nmt.translate.protect import WORDS
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation
from nmt.translate.rules.given_names import given_names
from nmt.translate.shown import Abilities

ABILITIES = Abilities(
    source_language="de",
    target_language="en",
    encode=lambda text: [0] * len(text),
    fits=lambda _: True,
    characters=characters_of(["abc", "ßäöüÄÖÜ", "–„“"]),
    can_write=lambda _: True,
)
WORD = re.compile(r"[^\W\d_]+")
KEPT = given_names("de").union(WORDS)


def pieces_of(text: str) -> list[str]:
    """Words and single characters, as a tokeniser might have them."""
    return [("\u2581" if match[1] else "") + match[2] for match in re.finditer(r"(^|\s)?(\w+|[^\w\s])", f" {text}")]


def changed(text: str) -> str:
    """Each word with a letter more, so that nothing stays as it was but masks, and names as a model keeps them."""
    return WORD.sub(lambda match: match[0] if match[0] in KEPT else f"{match[0]}q", text)


def answer(sentence: Sentence, change: Callable[[str], str]) -> SentenceTranslation:
    """Word for word, each looking at its own."""
    source = pieces_of(sentence.text)
    target = [change(piece) if piece.strip("\u2581").isalpha() else piece for piece in source]
    identity = tuple(tuple(float(row == column) for column in range(len(source))) for row in range(len(source)))
    text = change(sentence.text)
    hypothesis = Hypothesis(text=text, score=-1.0, log_probability=-1.0, tokens=tuple(target), attention=identity)
    return SentenceTranslation(source=sentence.text, source_tokens=tuple(source), hypotheses=(hypothesis,))


def translated(
    text: str, markup: Markup, change: Callable[[str], str] = str, *, abilities: Abilities = ABILITIES, **options: Any
) -> Translation:
    steps = plan([text], SearchOptions(**options), abilities=abilities, attention=False, markup=markup)
    step = advance(steps)
    while isinstance(step, Ask):
        step = advance(steps, [answer(sentence, change) for sentence in step.sentences])
    return step[0]


def translated_document(name: str, data: bytes, change: Callable[[str], str] = str) -> bytes:
    """A document, each segment of it translated."""
    found = read_document(name, data, target_language="en")
    return found.written([translated(segment, found.markup, change).text for segment in found.segments])
