"""One token at a time, until END: the most probable one (greedy search), or one drawn at random (sampling)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.search.batch import Batch
from nmt.search.candidate import Candidate, Ended, forbid_, normaliser, read_candidates, target_limits
from nmt.search.constraints import Constraints
from nmt.search.rules import Rules
from nmt.search.sampling import draws, sample
from nmt.search.scorer import Ranking, Scorer, State
from nmt.search.steps import Eager, Now, Steps
from nmt.search.top import top
from nmt.search.trace import Trace


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """The K partial hypotheses of each sentence that is still in the batch; tensors are (B, K). Greedy search has K = 1."""

    tokens: Tensor  # int64: the last one
    log_probabilities: Tensor  # float32: of all tokens, up to END
    lengths: Tensor  # int64: tokens, up to END
    done: Tensor  # bool: END has come; what follows it counts for nothing
    limits: Tensor  # (B,) int64: the most tokens, END included
    rules: Rules | None  # where the options ask for more than the last token tells
    draws: Tensor | None  # (B, K, T) float64: a random number for each token; None takes the most probable

    @classmethod
    def start(cls, tokens: Tensor, limits: Tensor, rules: Rules | None, draws: Tensor | None) -> _Prefixes:
        return cls(
            tokens=tokens,
            log_probabilities=torch.zeros(tokens.shape, device=tokens.device),
            lengths=torch.zeros_like(tokens),
            done=torch.zeros_like(tokens, dtype=torch.bool),
            limits=limits,
            rules=rules,
            draws=draws,
        )

    def extend(self, tokens: Tensor, log_probabilities: Tensor, attention: Tensor) -> _Prefixes:
        """With one more token each, tokens (B, K) int64 and their log-probabilities; attention (B, K, S)."""
        done = self.done | (tokens == END_ID)
        rules = self.rules and self.rules.advance(None, tokens, attention.masked_fill(done[..., None], 0.0))
        return _Prefixes(
            tokens=tokens,
            log_probabilities=torch.where(self.done, self.log_probabilities, self.log_probabilities + log_probabilities),
            lengths=self.lengths + ~self.done,
            done=done,
            limits=self.limits,
            rules=rules,
            draws=self.draws,
        )

    def keep(self, rows: Tensor) -> _Prefixes:
        return _Prefixes(
            tokens=self.tokens[rows],
            log_probabilities=self.log_probabilities[rows],
            lengths=self.lengths[rows],
            done=self.done[rows],
            limits=self.limits[rows],
            rules=self.rules and self.rules.keep(rows),
            draws=None if self.draws is None else self.draws[rows],
        )


def greedy_search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    attention: bool,
    steps: Steps,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """One candidate per sentence, or with sampling n_best: source (B, S) int64, lengths (B,) int64, all at least 1.

    Every `steps.check_every` steps the host looks which sentences have ended, and takes them out of the batch.
    """
    source_lengths: list[int] = lengths.tolist()
    constraints = constraints or [Constraints()] * len(source)
    limits = target_limits(source_lengths, options, [one.least_length for one in constraints])
    copies = options.n_best if options.sampling else 1
    batch = Batch(limits, steps)
    state = scorer.start(source, lengths)
    if copies > 1:
        state = state.reorder(torch.arange(len(source), device=source.device).repeat_interleave(copies))
    rules = Rules.start(
        options, source, source_lengths, limits, copies, constraints, scorer=scorer, shortlist=state.shortlist
    )
    prefixes = _Prefixes.start(
        torch.full((len(source), copies), BEGIN_ID, device=source.device),
        torch.tensor(limits, device=source.device),
        rules,
        draws(source, source_lengths, options, max(limits)) if options.sampling else None,
    )
    carry = (prefixes, state)
    trace = Trace(rows=len(source) * copies, attention=attention)
    ranking = scorer if rules is None and not options.sampling and isinstance(scorer, Ranking) else None

    step = 0
    while batch.rows:
        step += 1
        advance = _Step(scorer, ranking, options, attention=attention, forced=step >= batch.first_limit)
        first_cell = trace.first_cell
        # What is drawn, and what a prefix wants, depends on the step: these steps are no use to later ones.
        begins = rules is not None and step <= rules.prefix_length
        run = Eager().run if begins or options.sampling else steps.run
        carry, (tokens, weights) = run(advance, carry, Now(step, 1.0, first_cell))
        trace.add(tokens, None, weights)
        last = step >= batch.last_limit
        if step % steps.check_every and not last:
            continue
        prefixes, state = carry
        over = [True] * len(batch.rows) if last else prefixes.done.all(dim=1).tolist()
        if not any(over):
            continue
        count, stay = len(batch.rows), batch.leave(over, partial(_ends, prefixes, first_cell, options))
        if len(stay) < count:
            trace.keep(stay, copies)
            kept = torch.tensor(stay, dtype=torch.int64, device=source.device)
            carry = (prefixes.keep(kept), state.keep(kept))

    return read_candidates(batch.ended(), trace, source_lengths)


@dataclass(frozen=True, slots=True)
class _Step:
    """One token further: a step as `Steps` runs it. It says the new tokens, and the attention."""

    scorer: Scorer
    ranking: Ranking | None  # the scorer, where it can rank by itself and nothing else has a say
    options: SearchOptions
    attention: bool
    forced: bool  # some sentence has come to its limit

    def __call__(
        self, carry: tuple[_Prefixes, State], now: Now
    ) -> tuple[tuple[_Prefixes, State], tuple[Tensor, Tensor | None]]:
        """Said are tokens (B, K), and weights (B, K, S) where asked for."""
        prefixes, state = carry
        forced = prefixes.limits <= now.step if self.forced else None
        if self.ranking is None:
            scores, state, weights = self.scorer.step(prefixes.tokens, state)  # (B, K, V or L), (B, K, S)
            best, columns = _choose(prefixes, scores, forced, now.step, self.options)
            tokens = columns if state.shortlist is None else state.shortlist.gather(1, columns)
        else:
            found, state, weights = self.ranking.best(prefixes.tokens, state, scores=None, forced=forced, count=1)
            best, tokens = found.scores, found.tokens
        return (prefixes.extend(tokens, best, weights), state), (tokens, weights if self.attention else None)


def _choose(
    prefixes: _Prefixes, scores: Tensor, forced: Tensor | None, step: int | Tensor, options: SearchOptions
) -> tuple[Tensor, Tensor]:
    """The log-probability and the column of each prefix' next token, (B, K) each, out of scores (B, K, V or L).

    `forced` (B,) bool says where only END may come; None, that it is nowhere so.
    """
    if forced is not None or prefixes.rules is not None or prefixes.draws is not None:
        scores = forbid_(scores, forced)
    if prefixes.rules is not None:
        scores = prefixes.rules.forbid_(scores, step)
    if prefixes.draws is not None:
        drawn = sample(scores, prefixes.draws[..., int(step) - 1], options)
        return scores.gather(2, drawn[..., None]).squeeze(2), drawn
    best, columns = top(scores[..., END_ID:], 1)
    return best.squeeze(2), columns.squeeze(2) + END_ID


def _ends(prefixes: _Prefixes, first_cell: int, options: SearchOptions) -> list[list[Ended]]:
    """What each row has, best first; `first_cell` is that of the first prefix before its last token."""
    totals = prefixes.log_probabilities
    penalties = torch.zeros_like(totals)
    if prefixes.rules is not None:
        penalties = prefixes.rules.penalise(penalties)
    cells = torch.arange(first_cell, first_cell + totals.numel()).view_as(totals)
    rows = zip(*(column.tolist() for column in (totals, prefixes.lengths, penalties, cells)), strict=True)
    ends = [
        [
            Ended(total / normaliser(length, options) + penalty, total, cell)
            for total, length, penalty, cell in zip(*row, strict=True)
        ]
        for row in rows
    ]
    return [sorted(row, key=lambda end: -end.score) for row in ends]
