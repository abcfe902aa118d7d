"""Words that a model copies, and which could stand for what it should not see."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nmt.check.cases import frames
from nmt.check.judge import Translate
from nmt.errors import InputError


def copied_words(words: Sequence[str], source: str, translate: Translate) -> dict[str, float]:
    """For each of `words` the per cent of sentences whose translations have it once.

    Raises InputError where translations are missing.
    """
    sentences = frames(source)
    texts = [sentence.format(word) for word in words for sentence in sentences]
    found = translate(texts, "text") or ()
    if len(found) != len(texts):
        raise InputError(f"{len(found)} translations of {len(texts)} texts; should be one for each")
    shares = {}
    for number, word in enumerate(words):
        own = found[number * len(sentences) : (number + 1) * len(sentences)]
        alone = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        shares[word] = 100.0 * sum(len(alone.findall(text)) == 1 for text in own) / len(own)
    return shares
