"""What may not come next, and what was attended to: the options that need more of a hypothesis than its last token.

A batch whose options ask for none of this has no rules at all, and its steps cost nothing more. A rule answers with tokens
to ban; PADDING_ID, which never comes anyway, stands for none, so that shapes are fixed and nothing waits for the device.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import END_ID, PADDING_ID
from nmt.search.candidate import target_limits
from nmt.search.constraints import Constraints, completing, forbidden_tensor, force_, prefix_tensor
from nmt.search.required import Required
from nmt.search.scorer import Scorer

LONGEST_LOOP = 8
"""Tokens of the longest phrase that `max_repeats` looks at."""

_NONE = -1  # in a history, before the first token; equal to no token
_LEAST_COVERAGE = 1e-6  # keeps the logarithm finite where a source token got no attention at all


@dataclass(frozen=True, slots=True)
class Rules:
    """Of B sentences with K hypotheses each. A field is None where no option asks for it."""

    options: SearchOptions
    minimums: Tensor | None  # (B,) int64: the fewest tokens, END not included
    history: Tensor | None  # (B, K, W) int64: the tokens so far, the last one last
    coverage: Tensor | None  # (B, K, S) float32: the attention that each source token has got
    mask: Tensor | None  # (B, S) bool: where `coverage` stands for a source token
    prefix: Tensor | None  # (B, P) int64: the tokens to begin with, then PADDING_ID
    forbidden: Tensor | None  # (B, F, P) int64: as `forbidden_tensor` makes it
    columns: Tensor | None  # (B, V) int64: of each token in a shortlist's scores; 0 where it has none
    required: Required | None

    @classmethod
    def start(
        cls,
        options: SearchOptions,
        source: Tensor,
        lengths: Sequence[int],
        limits: Sequence[int],
        beam_size: int,
        constraints: Sequence[Constraints],
        *,
        scorer: Scorer,
        shortlist: Tensor | None,
    ) -> Rules | None:
        """None where no option needs rules. source (B, S) int64; its lengths, and limits as `target_limits` has them.

        Raises ValueError for a prefix or a required phrase with a shortlist, which may not have its tokens.
        """
        device, batch = source.device, len(source)
        minimums = target_minimums(lengths, limits, options)
        history = coverage = mask = None
        prefix, forbidden = prefix_tensor(constraints, device), forbidden_tensor(constraints, device)
        if options.no_repeat_ngram or options.max_repeats or forbidden is not None:
            # At least as wide as what is looked for, so that no slice is shorter than asked for.
            width = max(LONGEST_LOOP * (options.max_repeats + 1), options.no_repeat_ngram)
            width = max(width, 0 if forbidden is None else forbidden.shape[2])
            # Where a batch is padded to one of a few shapes, this should be one of a few, too.
            width = max(width, *limits, *target_limits([source.shape[1]], options))
            history = torch.full((batch, beam_size, width), _NONE, device=device)
        if options.coverage_penalty:
            coverage = torch.zeros(batch, beam_size, source.shape[1], device=device)
            mask = source != PADDING_ID
        required = None
        if any(one.required for one in constraints):
            required = Required.start(constraints, limits, beam_size, device)
        if history is None and coverage is None and prefix is None and required is None and not any(minimums):
            return None
        if shortlist is not None and (prefix is not None or required is not None):
            raise ValueError("a prefix or required phrase needs scores of every token, not of a shortlist")
        fewest = torch.tensor(minimums, device=device) if any(minimums) else None
        columns = None if shortlist is None else column_of(shortlist, scorer.vocabulary_size)
        return cls(options, fewest, history, coverage, mask, prefix, forbidden, columns, required)

    @property
    def prefix_length(self) -> int:
        """Steps at the beginning that a prefix has a say in; there `forbid_` needs a plain number."""
        return 0 if self.prefix is None else self.prefix.shape[1]

    def forbid_(self, scores: Tensor, step: int | Tensor) -> Tensor:
        """Set to minus infinity, in place, what must not come next: scores (B, K, V) or (B, K, L), `step` counted from 1."""
        wanted = own = None
        if self.prefix is not None and isinstance(step, int) and step <= self.prefix_length:
            wanted = self.prefix[:, step - 1]
            own = scores.gather(2, wanted[:, None, None].expand(-1, scores.shape[1], 1))
        if self.history is not None:
            tokens = self._banned(self.history)
            columns = tokens if self.columns is None else self.columns.gather(1, tokens.flatten(1)).view_as(tokens)
            scores.scatter_(2, columns, -math.inf)
        if self.minimums is not None:
            scores[..., END_ID].masked_fill_((self.minimums >= step)[:, None], -math.inf)
        return scores if wanted is None or own is None else force_(scores, wanted, own)

    def _banned(self, history: Tensor) -> Tensor:
        """Tokens (B, K, ·) that must not come after history (B, K, W)."""
        banned = []
        if self.options.no_repeat_ngram:
            banned.append(repeated_ngrams(history, self.options.no_repeat_ngram))
        if self.options.max_repeats:
            banned.append(loops(history, self.options.max_repeats))
        if self.required is not None:
            banned = [self.required.spare(tokens) for tokens in banned]
        if self.forbidden is not None:
            banned.append(completing(history, self.forbidden))
        return torch.cat(banned, dim=2)

    def advance(self, parents: Tensor | None, tokens: Tensor, attention: Tensor) -> Rules:
        """After hypothesis n of all B·K took over `parents[n]` (None: itself) and got one token further.

        parents (B·K,) and tokens (B, K) int64; attention (B, K, S) that of the hypotheses before.
        """
        history, coverage = self.history, self.coverage
        if history is not None:
            history = torch.cat((_take(history, parents)[..., 1:], tokens[..., None]), dim=2)
        if coverage is not None:
            coverage = _take(coverage + attention, parents)
        required = self.required
        if required is not None and parents is not None:
            required = required.advance(parents, tokens)
        return replace(self, history=history, coverage=coverage, required=required)

    def keep(self, rows: Tensor) -> Rules:
        """Only these sentences, rows (B',) int64."""
        fields = (self.minimums, self.history, self.coverage, self.mask, self.prefix, self.forbidden, self.columns)
        minimums, history, coverage, mask, prefix, forbidden, columns = (
            None if field is None else field[rows] for field in fields
        )
        required = self.required and self.required.keep(rows)
        return Rules(self.options, minimums, history, coverage, mask, prefix, forbidden, columns, required)

    def penalise(self, scores: Tensor, parents: Tensor | None = None) -> Tensor:
        """`scores` of hypotheses that end now, less the penalty; `parents` counts them through all B·K (None: in order).

        The penalty is -beta · Σ over source tokens of log(min(attention got, 1)), equation 14 of Wu et al. 2016, and never
        below 0. The attention is that of the tokens before END, as a Candidate has it.
        """
        if self.coverage is None or self.mask is None:
            return scores
        logarithms = self.coverage.clamp(_LEAST_COVERAGE, 1.0).log().masked_fill(~self.mask[:, None], 0.0)  # (B, K, S)
        sums = logarithms.sum(dim=2)
        return scores + self.options.coverage_penalty * (sums if parents is None else sums.flatten()[parents])


def target_minimums(source_lengths: Sequence[int], limits: Sequence[int], options: SearchOptions) -> list[int]:
    """The fewest target tokens, END not included, of each sentence; never more than its limit leaves room for."""
    return [
        min(max(options.min_length, math.ceil(options.min_length_ratio * length)), limit - 1)
        for length, limit in zip(source_lengths, limits, strict=True)
    ]


def column_of(shortlist: Tensor, vocabulary_size: int) -> Tensor:
    """(B, V) int64: the column of each token in `shortlist` (B, L); 0, that of padding, where it is not there."""
    columns = torch.arange(shortlist.shape[1], device=shortlist.device).expand_as(shortlist)
    table = shortlist.new_zeros(len(shortlist), vocabulary_size).scatter_(1, shortlist, columns)
    table[:, PADDING_ID] = 0  # the columns that fill up a list
    return table


def repeated_ngrams(history: Tensor, size: int) -> Tensor:
    """Tokens that would complete an n-gram of `size` tokens already there: history (B, K, W) -> (B, K, W - size + 1)."""
    windows = history.unfold(2, size, 1)  # (B, K, W - size + 1, size)
    last = history[:, :, history.shape[2] - size + 1 :]  # (B, K, size - 1)
    again = (windows[..., :-1] == last[:, :, None, :]).all(dim=3)
    return _where(again, windows[..., -1])


def loops(history: Tensor, most: int) -> Tensor:
    """Tokens that would complete a phrase for the (most + 1)-th time in a row: history (B, K, W) -> (B, K, LONGEST_LOOP).

    A phrase of p tokens that comes r times in a row is p · (r - 1) tokens each equal to the one p before it.
    """
    banned = []
    for period in range(1, LONGEST_LOOP + 1):
        end, equal = history.shape[2], period * most - 1
        again = (history[..., end - equal :] == history[..., end - equal - period : end - period]).all(dim=2)  # (B, K)
        banned.append(_where(again, history[..., -period]))
    return torch.stack(banned, dim=2)


def _where(condition: Tensor, tokens: Tensor) -> Tensor:
    return torch.where(condition & (tokens != _NONE), tokens, PADDING_ID)


def _take(values: Tensor, parents: Tensor | None) -> Tensor:
    """values (B, K, X) of the hypotheses `parents` (B·K,)."""
    return values if parents is None else values.flatten(0, 1)[parents].view_as(values)
