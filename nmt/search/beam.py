"""Beam search over a scorer, a whole batch of sentences at once.

At each step the 2K best continuations of a sentence's K hypotheses are found. Those among the first K that are END
finish their hypothesis, which goes into the sentence's pool of at most K; the K best of the others go on. A sentence
is finished when no hypothesis that goes on can still change the n best of its pool.

Why that can be known: a continuation never makes a log-probability larger, its divisor never falls with length, and the
coverage penalty is never above 0, which a few more tokens may make it. So a hypothesis with log-probability s can at best
reach s / normaliser(L), where L is the sentence's limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.search.candidate import Candidate
from nmt.search.diversity import distinct, diverse_continuations
from nmt.search.history import History
from nmt.search.length import normaliser
from nmt.search.scorer import Continuations, Ranking, Scorer, State, forbid_
from nmt.search.steps import StepNumbers
from nmt.search.top import top
from nmt.search.trace import ROOT, Finished


@dataclass(frozen=True, slots=True)
class Pool:
    """The best finished hypotheses of each of R rows, best first; every tensor is (R, k)."""

    scores: Tensor  # float32; minus infinity where there is none yet
    log_probabilities: Tensor  # float32
    cells: Tensor  # int64: in the trace, before END

    @classmethod
    def empty(cls, like: Tensor) -> Pool:
        """For rows and groups as in `like` (R, k) float32."""
        nothing = torch.full_like(like, -math.inf)
        return cls(scores=nothing, log_probabilities=nothing, cells=torch.full_like(like, ROOT, dtype=torch.int64))

    @classmethod
    def best(cls, pools: Sequence[Pool]) -> Pool:
        """The k best of each row of several, the first of equals first."""
        scores, places = torch.cat([pool.scores for pool in pools], dim=1).sort(dim=1, descending=True, stable=True)
        places = places[:, : pools[0].scores.shape[1]]
        return cls(
            scores=scores[:, : places.shape[1]],
            log_probabilities=torch.cat([pool.log_probabilities for pool in pools], dim=1).gather(1, places),
            cells=torch.cat([pool.cells for pool in pools], dim=1).gather(1, places),
        )

    def select(self, rows: Tensor) -> Pool:
        """Only these rows, (R',) int64."""
        return Pool(scores=self.scores[rows], log_probabilities=self.log_probabilities[rows], cells=self.cells[rows])


@dataclass(frozen=True, slots=True)
class Beam:
    """The B sentences that are still in the batch, K hypotheses of each that go on.

    The beam of a sentence is in G groups (one, but for diverse beam search) of k = K/G hypotheses. A group searches by
    itself, so most tensors have one of the R = B·G groups in each row; laid out alike, hypotheses are N = B·K = R·k.
    """

    tokens: Tensor  # (B, K) int64: the last token of each
    scores: Tensor  # (R, k) float32: log-probability; minus infinity where there is no hypothesis
    first_hypotheses: Tensor  # (R, 1) int64: the first of the N hypotheses that are the row's
    pool: Pool | None  # None before anything has finished
    limits: Tensor  # (B,) int64: the most tokens, END included
    bounds: Tensor  # (R,) float32: `normaliser` of the sentence's limit
    history: History | None  # where the options ask for more than the last token tells

    def select(self, sentences: Tensor) -> Beam:
        """Only these sentences, (B',) int64."""
        groups = len(self.scores) // len(self.tokens)
        rows = (sentences[:, None] * groups + torch.arange(groups, device=sentences.device)).flatten()
        return Beam(
            tokens=self.tokens[sentences],
            scores=self.scores[rows],
            first_hypotheses=self.first_hypotheses[: len(rows)],
            pool=self.pool and self.pool.select(rows),
            limits=self.limits[sentences],
            bounds=self.bounds[rows],
            history=self.history and self.history.select(sentences),
        )


@dataclass(frozen=True, slots=True)
class BeamSearch:
    """Beam search as `nmt.search.loop` runs it: a call is one step, from a beam and the scorer's state to the next."""

    scorer: Scorer
    options: SearchOptions
    attention: bool
    synchronous: bool
    """The host may read tensors within a step: on a CPU that costs nothing, and much work is saved by it."""
    at_limit: bool = False
    """Some sentence has come to its limit."""

    @property
    def hypotheses(self) -> int:
        """K."""
        return self.options.beam_size

    def start(self, source: Tensor, source_lengths: Sequence[int], limits: Sequence[int], history: History | None) -> Beam:
        """One real hypothesis for each group, BEGIN; the other places of the beam are empty. source (B, S) int64."""
        del source_lengths
        device, groups = source.device, self.options.diversity_groups
        rows, size = len(limits) * groups, self.options.beam_size // groups
        scores = torch.full((rows, size), -math.inf, device=device)
        scores[:, 0] = 0.0
        bounds = torch.tensor([normaliser(limit, self.options) for limit in limits], device=device)
        return Beam(
            tokens=torch.full((len(limits), self.options.beam_size), BEGIN_ID, device=device),
            scores=scores,
            first_hypotheses=torch.arange(0, rows * size, size, device=device)[:, None],
            pool=None if self.synchronous else Pool.empty(scores),
            limits=torch.tensor(limits, device=device),
            bounds=bounds.repeat_interleave(groups),
            history=history,
        )

    def step(self, *, at_limit: bool) -> BeamSearch:
        """The search's step where some sentence has come to its limit, or none."""
        return self if at_limit == self.at_limit else replace(self, at_limit=at_limit)

    def __call__(
        self, carry: tuple[Beam, State], numbers: StepNumbers
    ) -> tuple[tuple[Beam, State], tuple[Tensor, Tensor, Tensor | None]]:
        """The output is tokens (B, K), their parents (N,) before the step, and attention (B, K, S) of these, if asked."""
        beam, state = carry
        forced = beam.limits <= numbers.step if self.at_limit else None
        if isinstance(self.scorer, Ranking) and beam.history is None and self.options.diversity_groups == 1:
            found, state, attention = self.scorer.best(
                beam.tokens, state, scores=beam.scores.contiguous(), forced=forced, count=2 * self.options.beam_size
            )
        else:
            found, state, attention = self._continuations(beam, state, forced, numbers)
        beam, parents = _advance(beam, found, attention, numbers, synchronous=self.synchronous)
        return (beam, state.reorder(parents)), (beam.tokens, parents, attention if self.attention else None)

    def _continuations(
        self, beam: Beam, state: State, forced: Tensor | None, numbers: StepNumbers
    ) -> tuple[Continuations, State, Tensor]:
        """The 2k best of each row, R·2k, no more than k of which are END; the state; the attention (B, K, S)."""
        log_probabilities, state, attention = self.scorer.step(beam.tokens, state)  # (B, K, V or L), (B, K, S)
        scores = log_probabilities.add_(beam.scores.reshape(*beam.tokens.shape, 1))
        scores = forbid_(scores, forced)
        if beam.history is not None:
            scores = beam.history.forbid_(scores, numbers.step)
        values, best, places = self._best(beam, scores, numbers)
        columns = scores.shape[2]
        tokens = places % columns
        if state.shortlist is not None:
            tokens = state.shortlist.gather(1, tokens.view(len(beam.tokens), -1)).view_as(places)
        rows = places // columns + beam.first_hypotheses
        return Continuations(values=values, scores=best, rows=rows, tokens=tokens), state, attention

    def _best(self, beam: Beam, scores: Tensor, numbers: StepNumbers) -> tuple[Tensor, Tensor, Tensor]:
        """Values, scores and places of the 2k best of each row, (R, 2k) each, in scores (B, K, V): places are in (k, V)."""
        if beam.history is not None and beam.history.required is not None:
            return beam.history.required.continuations(scores, numbers.step)
        if self.options.diversity_groups > 1:
            return diverse_continuations(scores, self.options.diversity_groups, self.options.diversity_strength)
        best, places = top(scores.flatten(1), 2 * self.options.beam_size)
        return best, best, places

    def finished(self, beam: Beam) -> list[bool]:
        """Of each sentence, whether none of its groups can change its n best any more. Once true, it stays true."""
        if beam.pool is None:
            return [False] * len(beam.tokens)
        needed = -(-self.options.n_best // self.options.diversity_groups)  # of each group
        done = beam.pool.scores[:, needed - 1] >= beam.scores.amax(dim=1) / beam.bounds
        finished: list[bool] = done.view(len(beam.tokens), -1).all(dim=1).tolist()
        return finished

    def results(self, beam: Beam, numbers: StepNumbers) -> list[list[Finished]]:
        """The n best of each sentence's pool, best first. Where a model leaves it empty, the empty target, probability 0.

        Of several groups all: the best of each, then the second best of each, and so on, so that the first n are diverse.
        """
        del numbers
        nothing = [Finished(score=-math.inf, log_probability=-math.inf, cell=ROOT)]
        if beam.pool is None:
            return [nothing] * len(beam.tokens)
        pool = beam.pool
        # (B, G, k) to (B, k · G): rank by rank
        shape = (len(beam.tokens), -1, beam.scores.shape[1])
        scores, log_probabilities, cells = (
            column.view(shape).transpose(1, 2).flatten(1).tolist()
            for column in (pool.scores, pool.log_probabilities, pool.cells)
        )
        count = self.options.n_best if self.options.diversity_groups == 1 else None
        return [
            [Finished(*one) for one in zip(*row, strict=True) if one[0] != -math.inf][:count] or nothing
            for row in zip(scores, log_probabilities, cells, strict=True)
        ]

    def choose(self, found: list[list[Candidate]]) -> list[list[Candidate]]:
        """The n best of each sentence; two groups may have found the same."""
        return found if self.options.diversity_groups == 1 else distinct(found, self.options.n_best)


def _advance(
    beam: Beam, found: Continuations, attention: Tensor, numbers: StepNumbers, *, synchronous: bool
) -> tuple[Beam, Tensor]:
    """The beam after a step, and the parent (N,) of each of its hypotheses.

    `found` are the 2k best of each row, attention (B, K, S). If `synchronous`, the host reads whether anything ends, and
    leaves out the work that is only for ends.
    """
    size = beam.scores.shape[1]
    best, parents, tokens = found.scores, found.rows, found.tokens
    ends = tokens == END_ID
    pool = beam.pool
    if synchronous and not ends.any():
        alive, parents, tokens = best[:, :size], parents[:, :size], tokens[:, :size]
    else:
        finished = best[:, :size].where(ends[:, :size], -math.inf)
        pool = _finish(beam, finished, parents[:, :size], numbers)
        # The best come first, of equal ones the first of the beam, and this keeps their order in every batch.
        chosen = ends.byte().sort(dim=1, stable=True).indices[:, :size]
        alive = best.masked_fill(ends, -math.inf).gather(1, chosen)  # (R, k)
        parents, tokens = parents.gather(1, chosen), tokens.gather(1, chosen)
    parents, tokens = parents.flatten(), tokens.reshape(beam.tokens.shape)  # (N,), (B, K)
    history = beam.history and beam.history.advance(parents, tokens, attention)
    return replace(beam, tokens=tokens, scores=alive, pool=pool, history=history), parents


def _finish(beam: Beam, finished: Tensor, parents: Tensor, numbers: StepNumbers) -> Pool:
    """The beam's pool with the hypotheses that end now: their log-probabilities `finished` (R, k), else minus infinity.

    parents (R, k) are these hypotheses, counted through all N.
    """
    scores = finished / numbers.normaliser
    if beam.history is not None:
        scores = beam.history.penalise(scores, parents)
    ended = Pool(scores=scores, log_probabilities=finished, cells=parents + numbers.first_cell)
    return Pool.best([ended] if beam.pool is None else [beam.pool, ended])
