"""One token at a time, until END: the most probable one (greedy search), or one drawn at random (sampling)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.search.candidate import Candidate
from nmt.search.history import History
from nmt.search.length import normaliser
from nmt.search.sampling import draws, sample
from nmt.search.scorer import Ranking, Scorer, State, forbid_
from nmt.search.steps import StepNumbers
from nmt.search.top import top
from nmt.search.trace import Finished


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The K partial hypotheses of each sentence that is still in the batch; tensors are (B, K). Greedy search has K = 1."""

    tokens: Tensor  # int64: the last one
    log_probabilities: Tensor  # float32: of all tokens, up to END
    lengths: Tensor  # int64: tokens, up to END
    ended: Tensor  # bool: END has come; tokens after it count for nothing
    limits: Tensor  # (B,) int64: the most tokens, END included
    history: History | None  # where the options ask for more than the last token tells
    draws: Tensor | None  # (B, K, T) float64: a random number for each token; None takes the most probable

    def extend(self, tokens: Tensor, log_probabilities: Tensor, attention: Tensor) -> Prefixes:
        """With one more token each, tokens (B, K) int64 and their log-probabilities; attention (B, K, S)."""
        ended = self.ended | (tokens == END_ID)
        history = self.history and self.history.advance(None, tokens, attention.masked_fill(ended[..., None], 0.0))
        return replace(
            self,
            tokens=tokens,
            log_probabilities=torch.where(self.ended, self.log_probabilities, self.log_probabilities + log_probabilities),
            lengths=self.lengths + ~self.ended,
            ended=ended,
            history=history,
        )

    def select(self, sentences: Tensor) -> Prefixes:
        """Only these sentences, (B',) int64."""
        return Prefixes(
            tokens=self.tokens[sentences],
            log_probabilities=self.log_probabilities[sentences],
            lengths=self.lengths[sentences],
            ended=self.ended[sentences],
            limits=self.limits[sentences],
            history=self.history and self.history.select(sentences),
            draws=None if self.draws is None else self.draws[sentences],
        )


@dataclass(frozen=True, slots=True)
class GreedySearch:
    """Greedy search or sampling as `nmt.search.loop` runs it: a call is one step, from prefixes and state to the next."""

    scorer: Scorer
    options: SearchOptions
    attention: bool
    at_limit: bool = False
    """Some sentence has come to its limit."""

    @property
    def hypotheses(self) -> int:
        """K: the samples of a sentence, or one."""
        return self.options.n_best if self.options.sampling else 1

    def start(
        self, source: Tensor, source_lengths: Sequence[int], limits: Sequence[int], history: History | None
    ) -> Prefixes:
        """BEGIN, K times for each sentence: source (B, S) int64."""
        tokens = torch.full((len(source), self.hypotheses), BEGIN_ID, device=source.device)
        return Prefixes(
            tokens=tokens,
            log_probabilities=torch.zeros(tokens.shape, device=source.device),
            lengths=torch.zeros_like(tokens),
            ended=torch.zeros_like(tokens, dtype=torch.bool),
            limits=torch.tensor(limits, device=source.device),
            history=history,
            draws=draws(source, source_lengths, self.options, max(limits)) if self.options.sampling else None,
        )

    def step(self, *, at_limit: bool) -> GreedySearch:
        """The search's step where some sentence has come to its limit, or none."""
        return self if at_limit == self.at_limit else replace(self, at_limit=at_limit)

    def __call__(
        self, carry: tuple[Prefixes, State], numbers: StepNumbers
    ) -> tuple[tuple[Prefixes, State], tuple[Tensor, None, Tensor | None]]:
        """The output is tokens (B, K), no parents, since each continues its own row, and attention (B, K, S) if asked."""
        prefixes, state = carry
        forced = prefixes.limits <= numbers.step if self.at_limit else None
        if isinstance(self.scorer, Ranking) and prefixes.history is None and prefixes.draws is None:
            found, state, attention = self.scorer.best(prefixes.tokens, state, scores=None, forced=forced, count=1)
            best, tokens = found.scores, found.tokens
        else:
            scores, state, attention = self.scorer.step(prefixes.tokens, state)  # (B, K, V or L), (B, K, S)
            best, columns = self._choose(prefixes, scores, forced, numbers.step)
            tokens = columns if state.shortlist is None else state.shortlist.gather(1, columns)
        return (prefixes.extend(tokens, best, attention), state), (tokens, None, attention if self.attention else None)

    def _choose(
        self, prefixes: Prefixes, scores: Tensor, forced: Tensor | None, step: int | Tensor
    ) -> tuple[Tensor, Tensor]:
        """The log-probability and the column of each prefix' next token, (B, K) each, out of scores (B, K, V or L).

        `forced`, (B,) bool or None, marks sentences where only END may come.
        """
        if forced is not None or prefixes.history is not None or prefixes.draws is not None:
            scores = forbid_(scores, forced)
        if prefixes.history is not None:
            scores = prefixes.history.forbid_(scores, step)
        if prefixes.draws is not None:
            drawn = sample(scores, prefixes.draws[..., int(step) - 1], self.options)
            return scores.gather(2, drawn[..., None]).squeeze(2), drawn
        best, columns = top(scores[..., END_ID:], 1)
        return best.squeeze(2), columns.squeeze(2) + END_ID

    def finished(self, prefixes: Prefixes) -> list[bool]:
        """Of each sentence, whether all its hypotheses have ended. Once true, it stays true."""
        finished: list[bool] = prefixes.ended.all(dim=1).tolist()
        return finished

    def results(self, prefixes: Prefixes, numbers: StepNumbers) -> list[list[Finished]]:
        """The hypotheses of each sentence, best first, after the step of these numbers."""
        totals = prefixes.log_probabilities
        penalties = torch.zeros_like(totals)
        if prefixes.history is not None:
            penalties = prefixes.history.penalise(penalties)
        cells = (torch.arange(totals.numel()) + numbers.first_cell).view_as(totals)  # before the last token
        rows = zip(*(column.tolist() for column in (totals, prefixes.lengths, penalties, cells)), strict=True)
        found = [
            [
                Finished(score=total / normaliser(length, self.options) + penalty, log_probability=total, cell=cell)
                for total, length, penalty, cell in zip(*row, strict=True)
            ]
            for row in rows
        ]
        return [sorted(row, key=lambda one: -one.score) for row in found]

    def choose(self, found: list[list[Candidate]]) -> list[list[Candidate]]:
        """All of them."""
        return found
