"""Beam search over a scorer, a whole batch of sentences at once.

At each step the 2K best continuations of a sentence's K hypotheses are found. Those among the first K that are END
finish their hypothesis, which goes into the sentence's pool of at most K; the K best of the others go on. A sentence
is over when no hypothesis that goes on can still change the n best of its pool.

Why that can be known: a continuation never makes a log-probability larger, what it is divided by never falls with
length, and the coverage penalty is never above 0, which a few more tokens may make it. So a hypothesis with
log-probability s can at best reach s / normaliser(L), where L is the sentence's limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.config import BEGIN_ID, END_ID, SearchOptions
from nmt.search.candidate import Candidate, Ended, forbid_, normaliser, read_candidates, target_limits
from nmt.search.constraints import Constraints
from nmt.search.diversity import continuations, diverse
from nmt.search.rules import Rules
from nmt.search.scorer import Scorer
from nmt.search.trace import ROOT, Trace


@dataclass(frozen=True, slots=True)
class _Pool:
    """The best finished hypotheses of each group of each sentence, best first; every tensor is (B, G, K/G)."""

    scores: Tensor  # float32; minus infinity where there is none yet
    log_probabilities: Tensor  # float32
    cells: Tensor  # int64: in the trace, of the last token before END

    def add(self, scores: Tensor, log_probabilities: Tensor, cells: Tensor) -> _Pool:
        """With as many more for each group, (B, G, K/G) each, of which the best K/G in all stay."""
        best, places = torch.cat((self.scores, scores), dim=2).topk(scores.shape[2], dim=2)
        return _Pool(
            scores=best,
            log_probabilities=torch.cat((self.log_probabilities, log_probabilities), dim=2).gather(2, places),
            cells=torch.cat((self.cells, cells), dim=2).gather(2, places),
        )

    def keep(self, rows: Tensor) -> _Pool:
        return _Pool(self.scores[rows], self.log_probabilities[rows], self.cells[rows])


@dataclass(frozen=True, slots=True)
class _Beam:
    """The sentences that are still in the batch: B rows, K hypotheses that go on in each, best first in each group."""

    tokens: Tensor  # (B, K) int64: the last token of each
    scores: Tensor  # (B, K) float32: log-probability; minus infinity where there is no hypothesis
    cells: Tensor  # (B, K) int64: the last token in the trace
    pool: _Pool
    limits: Tensor  # (B,) int64: the most tokens, END included
    bounds: Tensor  # (B,) float32: `normaliser` of each limit
    rules: Rules | None  # where the options ask for more than the last token tells
    done: Tensor  # (B, G) bool

    @classmethod
    def start(cls, limits: list[int], rules: Rules | None, options: SearchOptions, device: torch.device) -> _Beam:
        """One real hypothesis for each group, BEGIN; the other places of the beam are empty."""
        shape, groups = (len(limits), options.beam_size), options.diversity_groups
        scores = torch.full(shape, -math.inf, device=device)
        empty = scores.view(len(limits), groups, -1).clone()
        scores[:, :: options.beam_size // groups] = 0.0
        cells = torch.full(shape, ROOT, device=device)
        return cls(
            tokens=torch.full(shape, BEGIN_ID, device=device),
            scores=scores,
            cells=cells,
            pool=_Pool(empty, empty, cells.view_as(empty)),
            limits=torch.tensor(limits, device=device),
            bounds=torch.tensor([normaliser(limit, options) for limit in limits], device=device),
            rules=rules,
            done=torch.zeros(len(limits), groups, dtype=torch.bool, device=device),
        )

    def keep(self, rows: Tensor) -> _Beam:
        return _Beam(
            tokens=self.tokens[rows],
            scores=self.scores[rows],
            cells=self.cells[rows],
            pool=self.pool.keep(rows),
            limits=self.limits[rows],
            bounds=self.bounds[rows],
            rules=self.rules and self.rules.keep(rows),
            done=self.done[rows],
        )


def beam_search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    attention: bool,
    check_every: int,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """The n best candidates of each sentence, best first: source (B, S) int64, lengths (B,) int64, all at least 1.

    Every `check_every` steps the host looks which sentences are over, and takes them out of the batch; in between
    nothing waits for the device.
    """
    source_lengths: list[int] = lengths.tolist()
    constraints = constraints or [Constraints()] * len(source)
    prefix_lengths = [len(one.prefix) for one in constraints]
    limits = target_limits(source_lengths, options, prefix_lengths)
    remaining = list(range(len(source)))  # the sentence in each row of the batch
    state = scorer.start(source, lengths)
    rules = Rules.start(
        options, source, source_lengths, limits, options.beam_size, constraints, scorer=scorer, shortlist=state.shortlist
    )
    beam = _Beam.start(limits, rules, options, source.device)
    state = state.reorder(torch.arange(len(source), device=source.device).repeat_interleave(options.beam_size))
    trace = Trace(attention=attention)
    ended: dict[int, list[Ended]] = {}

    step = 0
    while remaining:
        step += 1
        log_probabilities, state, weights = scorer.step(beam.tokens, state)  # (B, K, V or L), (B, K, S)
        forced = beam.limits <= step if step >= min(limits) else None
        scores = forbid_(beam.scores[:, :, None] + log_probabilities, forced)
        if beam.rules is not None:
            scores = beam.rules.forbid_(scores, step)
        beam, rows = _advance(beam, scores, weights, state.shortlist, step, options, trace)
        last = step >= max(limits)
        leaves = [last] * len(remaining)
        if not last and step % check_every == 0:
            leaves = beam.done.all(dim=1).tolist()
        if any(leaves):
            ended |= {sentence: end for sentence, leave, end in zip(remaining, leaves, _ends(beam), strict=True) if leave}
            stay = [row for row, leave in enumerate(leaves) if not leave]
            remaining, limits = [remaining[row] for row in stay], [limits[row] for row in stay]
            if not remaining:
                break
            kept = torch.tensor(stay, device=source.device)
            beam, state = beam.keep(kept), state.reorder(rows).keep(kept)
        else:
            state = state.reorder(rows)

    order = [ended[sentence] for sentence in range(len(source))]
    if options.diversity_groups > 1:
        return diverse(read_candidates(order, trace, source_lengths), options.n_best)
    return read_candidates([ends[: options.n_best] for ends in order], trace, source_lengths)


def _advance(
    beam: _Beam,
    scores: Tensor,
    weights: Tensor,
    shortlist: Tensor | None,
    step: int,
    options: SearchOptions,
    trace: Trace,
) -> tuple[_Beam, Tensor]:
    """One token further: scores (B, K, V or L) of every continuation, weights (B, K, S), `step` counted from 1.

    Returns the beam, and for each of its hypotheses the row (B·K,) of the state that it continues.
    """
    batch, beam_size, vocabulary = scores.shape
    groups = options.diversity_groups
    size = beam_size // groups
    first = size * torch.arange(groups, device=scores.device)[:, None]  # (G, 1): of each group in the beam
    # (B, G, 2·K/G): no more than K/G of them are END. `values` is what they are ranked by, `best` their log-probability.
    values, best, places = continuations(scores.view(batch, groups, size, vocabulary), options.diversity_strength)
    parents, tokens = places // vocabulary + first, places % vocabulary
    ends = tokens == END_ID

    finished = best[..., :size].masked_fill(~ends[..., :size] | beam.done[..., None], -math.inf)  # (B, G, K/G)
    ending = parents[..., :size].flatten(1)  # (B, K)
    normalised = finished / normaliser(step, options)
    if beam.rules is not None:
        normalised = beam.rules.penalise(normalised.flatten(1), ending).view_as(finished)
    pool = beam.pool.add(normalised, finished, beam.cells.gather(1, ending).view_as(finished))

    _, chosen = values.masked_fill(ends, -math.inf).topk(size, dim=2)
    alive = best.masked_fill(ends, -math.inf).gather(2, chosen)  # (B, G, K/G)
    parents, tokens = parents.gather(2, chosen).flatten(1), tokens.gather(2, chosen).flatten(1)  # (B, K)
    if shortlist is not None:
        tokens = shortlist.gather(1, tokens)
    attended = weights.gather(1, parents[:, :, None].expand(-1, -1, weights.shape[2]))  # (B, K, S)
    cells = trace.add(tokens, beam.cells.gather(1, parents), attended)
    rules = beam.rules and beam.rules.advance(parents, tokens, attended)

    needed = -(-options.n_best // groups)  # of each group
    done = beam.done | (pool.scores[..., needed - 1] >= alive.amax(dim=2) / beam.bounds[:, None])
    rows = parents + beam_size * torch.arange(batch, device=parents.device)[:, None]
    return _Beam(tokens, alive.flatten(1), cells, pool, beam.limits, beam.bounds, rules, done), rows.flatten()


def _ends(beam: _Beam) -> list[list[Ended]]:
    """The pool of each row, best first. Where a model leaves it empty, the empty translation with probability 0.

    Of several groups: the best of each, then the second best of each, and so on, so that the first n are diverse.
    """
    pool = beam.pool
    columns = (pool.scores, pool.log_probabilities, pool.cells)
    # (B, K/G, G) flattened: rank by rank
    rows = zip(*(column.transpose(1, 2).flatten(1).tolist() for column in columns), strict=True)
    nothing = [Ended(-math.inf, -math.inf, ROOT)]
    return [[Ended(*end) for end in zip(*row, strict=True) if end[0] != -math.inf] or nothing for row in rows]
