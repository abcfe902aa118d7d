"""Times, dates and numbers in words: what rules make of a sentence, and whether a model's translation has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from nmt import Translator
from nmt.text.spans import Span
from nmt.translate.rules.known import find_known

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"


def said(sentence: str, source: str = "en", target: str = "de") -> list[tuple[str, str | None]]:
    """Each expression that is found, and what it is in the target language."""
    found = find_known(sentence, source=source, target=target)
    return [(sentence[one.start : one.end], one.translation) for one in found]


def replaced(sentence: str, spans: Iterable[Span]) -> str:
    """`sentence` with what each of `spans` is in the target language in its place."""
    parts, last = [], 0
    for span in spans:
        assert span.translation is not None
        parts += [sentence[last : span.start], span.translation]
        last = span.end
    return "".join((*parts, sentence[last:]))


def assert_said(model: str, frames: Sequence[str], expressions: Iterable[tuple[str, str]]) -> None:
    """Where the first of a pair stands in a frame, a shipped model says the second once, and tokens are those of texts."""
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    asked = [(frame.format(own), expected) for own, expected in expressions for frame in frames]
    for (sentence, expected), found in zip(asked, translator.translate([one for one, _ in asked]), strict=True):
        assert found.text.lower().count(expected.lower()) == 1, (sentence, found.text)
        assert not re.search(r"[ap]\.?m\.? [ap]\.?m|Uhr Uhr|  |\.\.", found.text), found.text
        [alone] = found.sentences
        assert _words(alone.hypotheses[0].tokens) == found.text.split()
        assert _words(alone.source_tokens) == sentence.split()


def _words(tokens: Iterable[str]) -> list[str]:
    return "".join(tokens).replace("\u2581", " ").split()
