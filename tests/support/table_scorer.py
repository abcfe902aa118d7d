"""A scorer that is a table of random numbers, so that every target can be enumerated or its score computed by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.search import Candidate, State

WORDS = (4, 5)
VOCABULARY = 6


@dataclass(frozen=True)
class History:
    """The sources of B sentences and the tokens of B·K hypotheses so far."""

    sources: list[tuple[int, ...]]
    width: int
    prefixes: list[tuple[int, ...]]

    @property
    def shortlist(self) -> Tensor | None:
        return None

    def reorder(self, rows: Tensor) -> History:
        beam, beam_before = len(rows) // len(self.sources), len(self.prefixes) // len(self.sources)
        for place, row in enumerate(rows.tolist()):
            assert row // beam_before == place // beam, "a row left its sentence"
        return History(self.sources, self.width, [self.prefixes[row] for row in rows.tolist()])

    def keep(self, sentences: Tensor) -> History:
        beam = len(self.prefixes) // len(self.sources)
        kept = sentences.tolist()
        prefixes = [self.prefixes[sentence * beam + place] for sentence in kept for place in range(beam)]
        return History([self.sources[sentence] for sentence in kept], self.width, prefixes)


class TableScorer:
    """Random log-probabilities for each (source, prefix), and an attention that tells the two apart."""

    def __init__(self, *, seed: int, vocabulary_size: int = VOCABULARY, end_bias: float = 0.0, scale: float = 1.5) -> None:
        self.seed, self.vocabulary_size, self.end_bias, self.scale = seed, vocabulary_size, end_bias, scale
        self.steps = 0
        self.known: dict[tuple[tuple[int, ...], tuple[int, ...]], Tensor] = {}

    def distribution(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:
        key = (source, prefix)
        if key not in self.known:
            self.known[key] = self._draw(source, prefix)
        return self.known[key]

    def _draw(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:
        generator = np.random.default_rng([self.seed, len(source), *source, *prefix])
        logits = torch.tensor(generator.normal(scale=self.scale, size=self.vocabulary_size), dtype=torch.float32)
        logits[END_ID] += self.end_bias
        return logits.log_softmax(dim=0)

    def attention(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> Tensor:
        generator = np.random.default_rng([self.seed, 77, *source, *prefix])
        return torch.tensor(generator.dirichlet(np.ones(len(source))), dtype=torch.float32)

    def start(self, source: Tensor, lengths: Tensor) -> History:
        rows = zip(source.tolist(), lengths.tolist(), strict=True)
        sources = [tuple(row[:length]) for row, length in rows]
        return History(sources, source.shape[1], [()] * len(sources))

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        assert isinstance(state, History)
        self.steps += 1
        beam = tokens.shape[1]
        assert tokens.shape[0] == len(state.sources)
        prefixes = [(*prefix, token) for prefix, token in zip(state.prefixes, tokens.flatten().tolist(), strict=True)]
        scores = torch.empty(len(prefixes), self.vocabulary_size)
        attention = torch.zeros(len(prefixes), state.width)
        for row, prefix in enumerate(prefixes):
            source = state.sources[row // beam]
            scores[row] = self.distribution(source, prefix)
            attention[row, : len(source)] = self.attention(source, prefix)
        after = History(state.sources, state.width, prefixes)
        shape = (len(state.sources), beam, -1)
        return scores.view(shape), after, attention.view(shape)


def batch(sources: list[list[int]]) -> tuple[Tensor, Tensor]:
    padded = torch.zeros(len(sources), max(map(len, sources)), dtype=torch.int64)
    for row, source in enumerate(sources):
        padded[row, : len(source)] = torch.tensor(source)
    return padded, torch.tensor([len(source) for source in sources])


def log_probability(scorer: TableScorer, source: list[int], tokens: tuple[int, ...]) -> float:
    prefix: tuple[int, ...] = (BEGIN_ID,)
    total = 0.0
    for token in (*tokens, END_ID):
        total += float(scorer.distribution(tuple(source), prefix)[token])
        prefix = (*prefix, token)
    return total


class MeanScorer(TableScorer):
    """What an ensemble of `members` should be, by its definition."""

    def __init__(self, members: list[TableScorer]) -> None:
        super().__init__(seed=0, vocabulary_size=members[0].vocabulary_size)
        self.members = members

    def distribution(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> torch.Tensor:
        return torch.stack([member.distribution(source, prefix).exp() for member in self.members]).mean(dim=0).log()

    def attention(self, source: tuple[int, ...], prefix: tuple[int, ...]) -> torch.Tensor:
        return torch.stack([member.attention(source, prefix) for member in self.members]).mean(dim=0)


def same(left: list[Candidate], right: list[Candidate]) -> bool:
    return [(c.tokens, c.score, c.log_probability) for c in left] == [(c.tokens, c.score, c.log_probability) for c in right]
