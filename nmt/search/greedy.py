"""One token at a time, until END: the most probable one (greedy search), or one drawn at random (sampling)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.config import BEGIN_ID, END_ID, SearchOptions
from nmt.search.candidate import Candidate, Ended, forbid_, normaliser, read_candidates, target_limits
from nmt.search.constraints import Constraints
from nmt.search.rules import Rules
from nmt.search.sampling import draws, sample
from nmt.search.scorer import Scorer
from nmt.search.trace import ROOT, Trace


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """The K partial hypotheses of each sentence that is still in the batch; tensors are (B, K). Greedy search has K = 1."""

    tokens: Tensor  # int64: the last one
    cells: Tensor  # int64: in the trace, of the last token before END
    log_probabilities: Tensor  # float32: of all tokens so far
    lengths: Tensor  # int64: tokens so far, END included
    done: Tensor  # bool
    rules: Rules | None  # where the options ask for more than the last token tells
    draws: Tensor | None  # (B, K, T) float64: a random number for each token; None takes the most probable

    @classmethod
    def start(cls, tokens: Tensor, rules: Rules | None, draws: Tensor | None) -> _Prefixes:
        return cls(
            tokens=tokens,
            cells=torch.full_like(tokens, ROOT),
            log_probabilities=torch.zeros(tokens.shape, device=tokens.device),
            lengths=torch.zeros_like(tokens),
            done=torch.zeros_like(tokens, dtype=torch.bool),
            rules=rules,
            draws=draws,
        )

    def keep(self, rows: Tensor) -> _Prefixes:
        return _Prefixes(
            tokens=self.tokens[rows],
            cells=self.cells[rows],
            log_probabilities=self.log_probabilities[rows],
            lengths=self.lengths[rows],
            done=self.done[rows],
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
    check_every: int,
    constraints: Sequence[Constraints] = (),
) -> list[list[Candidate]]:
    """One candidate per sentence, or with sampling n_best: source (B, S) int64, lengths (B,) int64, all at least 1.

    Every `check_every` steps the host looks which sentences have ended, and takes them out of the batch.
    """
    source_lengths: list[int] = lengths.tolist()
    constraints = constraints or [Constraints()] * len(source)
    prefix_lengths = [len(one.prefix) for one in constraints]
    limits = target_limits(source_lengths, options, prefix_lengths)
    device_limits = torch.tensor(limits, device=source.device)
    remaining = list(range(len(source)))  # the sentence in each row of the batch
    copies = options.n_best if options.sampling else 1
    state = scorer.start(source, lengths)
    if copies > 1:
        state = state.reorder(torch.arange(len(source), device=source.device).repeat_interleave(copies))
    prefixes = _Prefixes.start(
        torch.full((len(source), copies), BEGIN_ID, device=source.device),
        Rules.start(options, source, source_lengths, limits, copies, constraints, scorer=scorer, shortlist=state.shortlist),
        draws(source, source_lengths, options, max(limits)) if options.sampling else None,
    )
    trace = Trace(attention=attention)
    ended: dict[int, list[Ended]] = {}

    step = 0
    while remaining:
        step += 1
        log_probabilities, state, weights = scorer.step(prefixes.tokens, state)  # (B, K, V or L), (B, K, S)
        forced = device_limits <= step if step >= min(limits) else None
        scores = forbid_(log_probabilities.clone(), forced)
        prefixes = _extend(prefixes, scores, weights, state.shortlist, step, options, trace)
        last = step >= max(limits)
        if step % check_every and not last:
            continue
        leaves = [last or done for done in prefixes.done.all(dim=1).tolist()]
        if not any(leaves):
            continue
        ends = _ends(prefixes, options)
        ended |= {sentence: end for sentence, leave, end in zip(remaining, leaves, ends, strict=True) if leave}
        stay = [row for row, leave in enumerate(leaves) if not leave]
        remaining = [remaining[row] for row in stay]
        if remaining:
            limits = [limits[row] for row in stay]
            rows = torch.tensor(stay, device=source.device)
            device_limits, state, prefixes = device_limits[rows], state.keep(rows), prefixes.keep(rows)

    return read_candidates([ended[sentence] for sentence in range(len(source))], trace, source_lengths)


def _extend(
    prefixes: _Prefixes,
    scores: Tensor,
    weights: Tensor,
    shortlist: Tensor | None,
    step: int,
    options: SearchOptions,
    trace: Trace,
) -> _Prefixes:
    """Each prefix with its next token; one that is done stays as it is: scores (B, K, V or L), weights (B, K, S)."""
    rules = prefixes.rules
    if rules is not None:
        scores = rules.forbid_(scores, step)
    if prefixes.draws is None:
        best, tokens = scores.max(dim=-1)  # (B, K)
    else:
        tokens = sample(scores, prefixes.draws[..., step - 1], options)
        best = scores.gather(2, tokens[..., None]).squeeze(2)
    if shortlist is not None:
        tokens = shortlist.gather(1, tokens)
    done = prefixes.done | (tokens == END_ID)
    return _Prefixes(
        tokens=tokens,
        cells=torch.where(done, prefixes.cells, trace.add(tokens, prefixes.cells, weights)),
        log_probabilities=torch.where(prefixes.done, prefixes.log_probabilities, prefixes.log_probabilities + best),
        lengths=torch.where(prefixes.done, prefixes.lengths, step),
        done=done,
        rules=rules and rules.advance(None, tokens, weights.masked_fill(done[..., None], 0.0)),
        draws=prefixes.draws,
    )


def _ends(prefixes: _Prefixes, options: SearchOptions) -> list[list[Ended]]:
    """What each row has, best first."""
    totals = prefixes.log_probabilities
    penalties = torch.zeros_like(totals)
    if prefixes.rules is not None:
        penalties = prefixes.rules.penalise(penalties)
    columns = (totals, prefixes.lengths, penalties, prefixes.cells)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    ends = [
        [
            Ended(total / normaliser(length, options) + penalty, total, cell)
            for total, length, penalty, cell in zip(*row, strict=True)
        ]
        for row in rows
    ]
    return [sorted(row, key=lambda end: -end.score) for row in ends]
