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
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.search.batch import Batch
from nmt.search.candidate import Candidate, Ended, forbid_, normaliser, read_candidates, target_limits
from nmt.search.constraints import Constraints
from nmt.search.diversity import continuations, diverse
from nmt.search.rules import Rules
from nmt.search.scorer import Continuations, Ranking, Scorer, State
from nmt.search.steps import Eager, Now, Steps
from nmt.search.trace import ROOT, Trace


@dataclass(frozen=True, slots=True)
class _Pool:
    """The best finished hypotheses of each of R rows, best first; every tensor is (R, k)."""

    scores: Tensor  # float32; minus infinity where there is none yet
    log_probabilities: Tensor  # float32
    cells: Tensor  # int64: in the trace, before END

    @classmethod
    def empty(cls, like: Tensor) -> _Pool:
        """For rows and groups as in `like` (R, k) float32."""
        nothing = torch.full_like(like, -math.inf)
        return cls(nothing, nothing, torch.full_like(like, ROOT, dtype=torch.int64))

    @classmethod
    def best(cls, pools: Sequence[_Pool]) -> _Pool:
        """The k best of each row of several."""
        scores, places = torch.cat([pool.scores for pool in pools], dim=1).topk(pools[0].scores.shape[1], dim=1)
        log_probabilities = torch.cat([pool.log_probabilities for pool in pools], dim=1).gather(1, places)
        return cls(scores, log_probabilities, torch.cat([pool.cells for pool in pools], dim=1).gather(1, places))

    def keep(self, rows: Tensor) -> _Pool:
        return _Pool(self.scores[rows], self.log_probabilities[rows], self.cells[rows])


@dataclass(frozen=True, slots=True)
class _Beam:
    """The B sentences that are still in the batch, K hypotheses of each that go on.

    The beam of a sentence is in G groups (one, but for diverse beam search) of k = K/G hypotheses. A group searches by
    itself, so most tensors have one of the R = B·G groups in each row; laid out alike, hypotheses are N = B·K = R·k.
    """

    tokens: Tensor  # (B, K) int64: the last token of each
    scores: Tensor  # (R, k) float32: log-probability; minus infinity where there is no hypothesis
    firsts: Tensor  # (R, 1) int64: the first of the N hypotheses that are the row's
    pool: _Pool | None  # None before anything has finished
    limits: Tensor  # (B,) int64: the most tokens, END included
    bounds: Tensor  # (R,) float32: `normaliser` of the sentence's limit
    rules: Rules | None  # where the options ask for more than the last token tells

    @classmethod
    def start(cls, limits: list[int], rules: Rules | None, options: SearchOptions, device: torch.device) -> _Beam:
        """One real hypothesis for each group, BEGIN; the other places of the beam are empty."""
        groups = options.diversity_groups
        rows, size = len(limits) * groups, options.beam_size // groups
        scores = torch.full((rows, size), -math.inf, device=device)
        scores[:, 0] = 0.0
        bounds = torch.tensor([normaliser(limit, options) for limit in limits], device=device)
        return cls(
            tokens=torch.full((len(limits), options.beam_size), BEGIN_ID, device=device),
            scores=scores,
            firsts=torch.arange(0, rows * size, size, device=device)[:, None],
            pool=None,
            limits=torch.tensor(limits, device=device),
            bounds=bounds.repeat_interleave(groups),
            rules=rules,
        )

    def keep(self, sentences: Tensor) -> _Beam:
        """Only these sentences, (B',) int64."""
        groups = len(self.scores) // len(self.tokens)
        rows = _rows_of(sentences, groups)
        return _Beam(
            tokens=self.tokens[sentences],
            scores=self.scores[rows],
            firsts=self.firsts[: len(rows)],
            pool=self.pool and self.pool.keep(rows),
            limits=self.limits[sentences],
            bounds=self.bounds[rows],
            rules=self.rules and self.rules.keep(sentences),
        )

    def over(self, options: SearchOptions) -> list[bool]:
        """Of each sentence, whether none of its groups can change its n best any more. Once true, it stays true."""
        if self.pool is None:
            return [False] * len(self.tokens)
        needed = -(-options.n_best // options.diversity_groups)  # of each group
        done = self.pool.scores[:, needed - 1] >= self.scores.amax(dim=1) / self.bounds
        leaves: list[bool] = done.view(len(self.tokens), -1).all(dim=1).tolist()
        return leaves


def beam_search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    attention: bool,
    steps: Steps,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """The n best candidates of each sentence, best first: source (B, S) int64, lengths (B,) int64, all at least 1.

    Every `steps.check_every` steps the host looks which sentences are over, and takes them out of the batch; in between
    nothing waits for the device. Where that is every step, looking is taken to cost nothing, and much work is saved by it.
    """
    source_lengths: list[int] = lengths.tolist()
    constraints = constraints or [Constraints()] * len(source)
    limits = target_limits(source_lengths, options, [one.least_length for one in constraints])
    batch, look = Batch(limits, steps), steps.check_every == 1
    state = scorer.start(source, lengths)
    rules = Rules.start(
        options, source, source_lengths, limits, options.beam_size, constraints, scorer=scorer, shortlist=state.shortlist
    )
    beam = _Beam.start(limits, rules, options, source.device)
    state = state.reorder(torch.arange(len(source), device=source.device).repeat_interleave(options.beam_size))
    carry = (beam if look else replace(beam, pool=_Pool.empty(beam.scores)), state)
    trace = Trace(rows=len(source) * options.beam_size, attention=attention)
    simple = rules is None and options.diversity_groups == 1
    ranking = scorer if simple and isinstance(scorer, Ranking) else None

    step = 0
    while batch.rows:
        step += 1
        advance = _Step(scorer, ranking, options, attention=attention, forced=step >= batch.first_limit, look=look)
        now = Now(step, normaliser(step, options), trace.first_cell)
        # What a prefix wants depends on the step, so these few steps are no use to later ones.
        begins = rules is not None and step <= rules.prefix_length
        carry, (tokens, rows, weights) = (Eager() if begins else steps).run(advance, carry, now)
        trace.add(tokens, rows, weights)
        last = step >= batch.last_limit
        if step % steps.check_every and not last:
            continue
        beam, state = carry
        over = [True] * len(batch.rows) if last else beam.over(options)
        if not any(over):
            continue
        count, stay = len(batch.rows), batch.leave(over, partial(_ends, beam))
        if len(stay) < count:
            trace.keep(stay, options.beam_size)
            kept = torch.tensor(stay, dtype=torch.int64, device=source.device)
            carry = (beam.keep(kept), state.keep(kept))

    if options.diversity_groups > 1:
        return diverse(read_candidates(batch.ended(), trace, source_lengths), options.n_best)
    return read_candidates([ends[: options.n_best] for ends in batch.ended()], trace, source_lengths)


@dataclass(frozen=True, slots=True)
class _Step:
    """One token further: a step as `Steps` runs it. It says the new tokens, the rows they continue, and the attention."""

    scorer: Scorer
    ranking: Ranking | None  # the scorer, where it can rank by itself and nothing else has a say
    options: SearchOptions
    attention: bool
    forced: bool  # some sentence has come to its limit
    look: bool

    def __call__(
        self, carry: tuple[_Beam, State], now: Now
    ) -> tuple[tuple[_Beam, State], tuple[Tensor, Tensor, Tensor | None]]:
        """Said are tokens (B, K), rows (N,) of the state before, and weights (B, K, S) of these rows where asked for."""
        beam, state = carry
        forced = beam.limits <= now.step if self.forced else None
        if self.ranking is None:
            found, state, weights = self._continuations(beam, state, forced, now)
        else:
            count = 2 * beam.scores.shape[1]
            found, state, weights = self.ranking.best(
                beam.tokens, state, scores=beam.scores.contiguous(), forced=forced, count=count
            )
        beam, rows = _advance(beam, found, weights, now, look=self.look)
        return (beam, state.reorder(rows)), (beam.tokens, rows, weights if self.attention else None)

    def _continuations(
        self, beam: _Beam, state: State, forced: Tensor | None, now: Now
    ) -> tuple[Continuations, State, Tensor]:
        """The 2k best of each row, R·2k, no more than k of which are END; the state; the attention (B, K, S)."""
        log_probabilities, state, weights = self.scorer.step(beam.tokens, state)  # (B, K, V or L), (B, K, S)
        scores = log_probabilities.add_(beam.scores.reshape(*beam.tokens.shape, 1))
        scores = forbid_(scores, forced)
        if beam.rules is not None:
            scores = beam.rules.forbid_(scores, now.step)
        if beam.rules is None or beam.rules.required is None:
            values, best, places = continuations(scores, self.options.diversity_groups, self.options.diversity_strength)
        else:
            values, best, places = beam.rules.required.continuations(scores, now.step)
        columns = scores.shape[2]
        tokens = places % columns
        if state.shortlist is not None:
            tokens = state.shortlist.gather(1, tokens.view(len(beam.tokens), -1)).view_as(places)
        return Continuations(values, best, places // columns + beam.firsts, tokens), state, weights


def _advance(beam: _Beam, found: Continuations, weights: Tensor, now: Now, *, look: bool) -> tuple[_Beam, Tensor]:
    """The beam, and for each of its hypotheses the row (N,) of the one that it continues.

    `found` are the 2k best of each row, weights (B, K, S). With `look` the host sees whether anything ends, and leaves out
    what is only for that.
    """
    size = beam.scores.shape[1]
    best, parents, tokens = found.scores, found.rows, found.tokens
    ends = tokens == END_ID
    pool = beam.pool
    if look and not ends.any():
        alive, parents, tokens = best[:, :size], parents[:, :size], tokens[:, :size]
    else:
        finished = best[:, :size].where(ends[:, :size], -math.inf)
        pool = _finish(beam, finished, parents[:, :size], now)
        chosen = found.values.masked_fill(ends, -math.inf).topk(size, dim=1).indices
        alive = best.masked_fill(ends, -math.inf).gather(1, chosen)  # (R, k)
        parents, tokens = parents.gather(1, chosen), tokens.gather(1, chosen)
    rows, tokens = parents.flatten(), tokens.reshape(beam.tokens.shape)  # (N,), (B, K)
    rules = beam.rules and beam.rules.advance(rows, tokens, weights)
    return _Beam(tokens, alive, beam.firsts, pool, beam.limits, beam.bounds, rules), rows


def _finish(beam: _Beam, finished: Tensor, parents: Tensor, now: Now) -> _Pool:
    """The beam's pool with what ends now: log-probabilities `finished` (R, k), minus infinity where nothing does.

    parents (R, k) are the hypotheses that end, counted through all N.
    """
    scores = finished / now.normaliser
    if beam.rules is not None:
        scores = beam.rules.penalise(scores, parents)
    ended = _Pool(scores, finished, parents + now.first_cell)
    return _Pool.best([ended] if beam.pool is None else [beam.pool, ended])


def _ends(beam: _Beam) -> list[list[Ended]]:
    """The pool of each sentence, best first. Where a model leaves it empty, the empty translation with probability 0.

    Of several groups: the best of each, then the second best of each, and so on, so that the first n are diverse.
    """
    nothing = [Ended(-math.inf, -math.inf, ROOT)]
    if beam.pool is None:
        return [nothing] * len(beam.tokens)
    columns = (beam.pool.scores, beam.pool.log_probabilities, beam.pool.cells)
    # (B, G, k) to (B, k · G): rank by rank
    shape = (len(beam.tokens), -1, beam.scores.shape[1])
    rows = zip(*(column.view(shape).transpose(1, 2).flatten(1).tolist() for column in columns), strict=True)
    return [[Ended(*end) for end in zip(*row, strict=True) if end[0] != -math.inf] or nothing for row in rows]


def _rows_of(sentences: Tensor, groups: int) -> Tensor:
    return (sentences[:, None] * groups + torch.arange(groups, device=sentences.device)).flatten()
