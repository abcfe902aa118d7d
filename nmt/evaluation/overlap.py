"""How near a test set is to the training text, and the translation memory as a baseline.

The nearest training source of a segment is the one that has most of its character 4-grams. A translation memory answers with
the translation of that one: a system that is no better has learned by heart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nmt.evaluation.metrics import Floats

ORDER = 4
RAREST = 16
"""N-grams of a segment by which it is looked up: those that the fewest segments of the test set have."""


@dataclass(frozen=True)
class Overlap:
    """The nearest training pair of each segment."""

    similarity: Floats
    """(N,) The share of the segment's n-grams that the nearest training source has, from 0 to 1."""
    nearest: tuple[str, ...]
    """Its source; empty where there is none."""
    memory: tuple[str, ...]
    """Its target: the translation of a translation memory."""
    pairs: int
    """Training pairs that were read."""


def overlap(sources: Sequence[str], training: Iterable[tuple[str, str]]) -> Overlap:
    """Look up each segment in `training`, which is read once, in constant memory."""
    grams = [characters(text) for text in sources]
    frequency = Counter(gram for own in grams for gram in own)
    index: dict[str, list[int]] = defaultdict(list)
    for segment, own in enumerate(grams):
        for gram in sorted(own, key=lambda gram: (frequency[gram], gram))[:RAREST]:
            index[gram].append(segment)
    best = np.zeros(len(sources))
    nearest, memory = [""] * len(sources), [""] * len(sources)
    known = index.keys()
    pairs = 0
    for source, target in training:
        pairs += 1
        there = characters(source)
        for segment in {segment for gram in known & there for segment in index[gram]}:
            share = len(grams[segment] & there) / len(grams[segment])
            if share > best[segment]:
                best[segment], nearest[segment], memory[segment] = share, source, target
    return Overlap(similarity=best, nearest=tuple(nearest), memory=tuple(memory), pairs=pairs)


def characters(text: str) -> frozenset[str]:
    """The character 4-grams of a text, or a short text itself."""
    text = " ".join(text.lower().split())
    if not text:
        return frozenset()
    return frozenset(text[start : start + ORDER] for start in range(max(1, len(text) - ORDER + 1)))
