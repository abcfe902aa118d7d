"""Translations: values without a tensor in them, that faces may show, send or store."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Hypothesis:
    """One translation of one sentence.

    Examples:
        >>> best = translator.translate("Wo ist der Bahnhof?").sentences[0].hypotheses[0]
        >>> best
        Hypothesis('Where is the station?', score=-0...)
        >>> best.tokens
        ('▁Where', '▁is', '▁the', '▁station', '?')
    """

    text: str
    score: float
    """Log-probability divided by the length penalty, less the coverage penalty: what the beam is ranked by."""
    log_probability: float
    """Natural logarithm of the probability of `tokens` and the end of sentence. With a language model, its weighted
    log-probability is added; the sum is then no log-probability."""
    tokens: tuple[str, ...]
    attention: tuple[array[float], ...]
    """One row per token of `tokens`, one column per token of the sentence's `source_tokens`; empty if not asked for.

    Arrays of the module `array`: a tuple takes eight times the memory, and a client may ask for millions of weights."""

    def __repr__(self) -> str:
        return f"Hypothesis({self.text!r}, score={self.score:.2f})"


@dataclass(frozen=True, slots=True, repr=False)
class SentenceTranslation:
    """One sentence and its best translations, best first.

    Examples:
        >>> translator.translate("Guten Morgen! Wo ist der Bahnhof?").sentences[1]
        SentenceTranslation('Wo ist der Bahnhof?' -> 'Where is the station?')
    """

    source: str
    source_tokens: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    """The best first, the others by score. One that keeps what is no language is better than one that doesn't."""

    def __repr__(self) -> str:
        return f"SentenceTranslation({self.source!r} -> {self.text!r})"

    @property
    def text(self) -> str:
        return self.hypotheses[0].text

    @property
    def distinct(self) -> SentenceTranslation:
        """The same without hypotheses of one text: of several segmentations or spellings the best is kept."""
        unique: dict[str, Hypothesis] = {}
        for hypothesis in self.hypotheses:
            unique.setdefault(hypothesis.text, hypothesis)
        return replace(self, hypotheses=tuple(unique.values()))


@dataclass(frozen=True, repr=False)
class Translation:
    """A text, as it was given, and its translation. Its sentences are translated one by one and rejoined.

    Examples:
        >>> translation = translator.translate("Wo ist der Bahnhof?")
        >>> translation
        Translation('Wo ist der Bahnhof?' -> 'Where is the station?')
        >>> print(translation)
        Where is the station?
        >>> translation.alignment
        ((0, 0), (1, 1), (2, 2), (3, 3), (5, 4))
    """

    source: str
    sentences: tuple[SentenceTranslation, ...]
    texts: tuple[str, ...]
    """The n best translations of the whole text; the k-th joins each sentence's k-th (or last) hypothesis."""
    language: str = ""
    """Tag of the language of a text that came back as it is since it is in that language, not in the source's."""
    note: str = ""
    """Why the translation lacks what was asked for, for people."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Translation({self.source!r} -> {self.text!r})"

    @property
    def text(self) -> str:
        return self.texts[0]

    @property
    def score(self) -> float:
        """The score of `text`."""
        return self.score_of(0)

    def score_of(self, rank: int) -> float:
        """The score of `texts[rank]`: the sum over sentences of the hypothesis that was joined into it.

        It is 0 for a text with nothing to translate.
        """
        ranked = (sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)] for sentence in self.sentences)
        return sum(hypothesis.score for hypothesis in ranked)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(token for sentence in self.sentences for token in sentence.hypotheses[0].tokens)

    @cached_property
    def alignment(self) -> tuple[tuple[int, int], ...]:
        """(source token, target token) pairs over the whole text: for each target token the source token attended most."""
        pairs: list[tuple[int, int]] = []
        source_offset = target_offset = 0
        for sentence in self.sentences:
            best = sentence.hypotheses[0]
            for position, row in enumerate(best.attention):
                pairs.append((source_offset + max(range(len(row)), key=row.__getitem__), target_offset + position))
            source_offset += len(sentence.source_tokens)
            target_offset += len(best.tokens)
        return tuple(pairs)

    def to_dict(self) -> dict[str, Any]:
        """The translation as data of JSON, with the keys of `nmt translate --format jsonl`.

        Examples:
            >>> translator.translate("Wo ist der Bahnhof?").to_dict()["translations"]
            [{'text': 'Where is the station?', 'score': -0...}]
        """
        return {
            "source": self.source,
            "translations": [{"text": text, "score": round(self.score_of(rank), 6)} for rank, text in enumerate(self.texts)],
            "source_tokens": [token for sentence in self.sentences for token in sentence.source_tokens],
            "tokens": list(self.tokens),
            "alignment": [list(pair) for pair in self.alignment],
            **({"note": self.note} if self.note else {}),
        }

    def to_json(self) -> str:
        """`to_dict` as a line of JSON, without its end."""
        return json.dumps(self.to_dict(), ensure_ascii=False)
