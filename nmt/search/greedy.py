"""Greedy search: the most probable token at each step, until END."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.config import BEGIN_ID, END_ID, SearchOptions
from nmt.search.candidate import Candidate, forbid_, length_penalty, target_limits
from nmt.search.scorer import Scorer
from nmt.search.trace import ROOT, Trace


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """One partial hypothesis for each sentence that is still in the batch; every tensor is (B, 1)."""

    tokens: Tensor  # int64: the last one
    cells: Tensor  # int64: in the trace, of the last token before END
    log_probabilities: Tensor  # float32: of all tokens so far
    lengths: Tensor  # int64: tokens so far, END included
    done: Tensor  # bool

    @classmethod
    def start(cls, batch: int, device: torch.device) -> _Prefixes:
        tokens = torch.full((batch, 1), BEGIN_ID, device=device)
        return cls(
            tokens=tokens,
            cells=torch.full_like(tokens, ROOT),
            log_probabilities=torch.zeros(batch, 1, device=device),
            lengths=torch.zeros_like(tokens),
            done=torch.zeros(batch, 1, dtype=torch.bool, device=device),
        )

    def keep(self, rows: Tensor) -> _Prefixes:
        return _Prefixes(
            self.tokens[rows], self.cells[rows], self.log_probabilities[rows], self.lengths[rows], self.done[rows]
        )


def greedy_search(
    scorer: Scorer, source: Tensor, lengths: Tensor, options: SearchOptions, *, attention: bool, check_every: int
) -> list[list[Candidate]]:
    """One candidate per sentence: source (B, S) int64, lengths (B,) int64, all at least 1.

    Every `check_every` steps the host looks which sentences have ended, and takes them out of the batch.
    """
    source_lengths: list[int] = lengths.tolist()
    limits = target_limits(source_lengths, options)
    device_limits = torch.tensor(limits, device=source.device)
    remaining = list(range(len(source)))  # the sentence in each row of the batch
    state = scorer.start(source, lengths)
    prefixes = _Prefixes.start(len(source), source.device)
    trace = Trace(attention=attention)
    ended: dict[int, tuple[int, float, int]] = {}  # sentence -> last cell, log-probability, length

    step = 0
    while remaining:
        step += 1
        log_probabilities, state, weights = scorer.step(prefixes.tokens, state)  # (B, 1, V), (B, 1, S)
        forced = device_limits <= step if step >= min(limits) else None
        prefixes = _extend(prefixes, forbid_(log_probabilities.clone(), forced), weights, step, trace)
        last = step >= max(limits)
        if step % check_every and not last:
            continue
        leaves = [last or done for done in prefixes.done.flatten().tolist()]
        if not any(leaves):
            continue
        columns = (prefixes.cells, prefixes.log_probabilities, prefixes.lengths)
        ends = zip(*(column.flatten().tolist() for column in columns), strict=True)
        ended |= {sentence: end for sentence, leave, end in zip(remaining, leaves, ends, strict=True) if leave}
        stay = [row for row, leave in enumerate(leaves) if not leave]
        remaining = [remaining[row] for row in stay]
        if remaining:
            limits = [limits[row] for row in stay]
            rows = torch.tensor(stay, device=source.device)
            device_limits, state, prefixes = device_limits[rows], state.keep(rows), prefixes.keep(rows)

    order = [ended[sentence] for sentence in range(len(source))]
    results = []
    for (tokens, attended), (_, log_probability, length), columns_used in zip(
        trace.read([cell for cell, _, _ in order]), order, source_lengths, strict=True
    ):
        score = log_probability / length_penalty(length, options.length_penalty)
        rows_attended = None if attended is None else attended[:, :columns_used]
        results.append([Candidate(tokens, score, log_probability, rows_attended)])
    return results


def _extend(prefixes: _Prefixes, scores: Tensor, weights: Tensor, step: int, trace: Trace) -> _Prefixes:
    """Each prefix with its most probable next token; one that is done stays as it is."""
    best, tokens = scores.max(dim=-1)  # (B, 1)
    done = prefixes.done | (tokens == END_ID)
    return _Prefixes(
        tokens=tokens,
        cells=torch.where(done, prefixes.cells, trace.add(tokens, prefixes.cells, weights)),
        log_probabilities=torch.where(prefixes.done, prefixes.log_probabilities, prefixes.log_probabilities + best),
        lengths=torch.where(prefixes.done, prefixes.lengths, step),
        done=done,
    )
