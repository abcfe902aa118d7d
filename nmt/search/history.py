"""What hypotheses have generated and attended to, and the options that depend on it: bans, minimums, coverage, phrases.

A batch whose options ask for none of this has no history at all, and its steps cost nothing more. Each ban answers with
tokens; PADDING_ID, which never comes anyway, stands for none, so that shapes are fixed and nothing waits for the device.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import END_ID, PADDING_ID
from nmt.search.constraint_tensors import NO_TOKEN, completing, forbidden_tensor, force_, prefix_tensor
from nmt.search.constraints import UNCONSTRAINED, Constraints
from nmt.search.length import target_limits, target_minimums
from nmt.search.required import RequiredPhrases

LONGEST_LOOP = 8
"""Tokens of the longest phrase that `max_repeats` counts."""

_LEAST_COVERAGE = 1e-6  # keeps the logarithm finite where a source token got no attention at all


@dataclass(frozen=True, slots=True)
class History:
    """The history of K hypotheses for each of B sentences. A field is None where no option asks for it."""

    options: SearchOptions
    minimums: Tensor | None  # (B,) int64: the fewest tokens, END not included
    tokens: Tensor | None  # (B, K, W) int64: the tokens so far, the last one last
    coverage: Tensor | None  # (B, K, S) float32: the attention that each source token has got
    mask: Tensor | None  # (B, S) bool: where `coverage` stands for a source token
    prefix: Tensor | None  # (B, P) int64: the tokens to begin with, then PADDING_ID
    forbidden: Tensor | None  # (B, F, P) int64: as `forbidden_tensor` makes it
    columns: Tensor | None  # (B, V) int64: of each token in a shortlist's scores; 0 where it has none
    required: RequiredPhrases | None

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
        vocabulary_size: int,
        shortlist: Tensor | None,
    ) -> History | None:
        """None where no option needs a history. source (B, S) int64, its lengths, and limits as `target_limits` has them.

        Raises ValueError for a prefix or a required phrase with a shortlist, which may not have its tokens.
        """
        if not needs_history(options, constraints, lengths, limits):
            return None
        device, batch = source.device, len(source)
        minimums = target_minimums(lengths, limits, options)
        tokens = coverage = mask = None
        prefix, forbidden = prefix_tensor(constraints, device), forbidden_tensor(constraints, device)
        if options.no_repeat_ngram or options.max_repeats or forbidden is not None:
            # At least as wide as the longest pattern, so that no slice is too short.
            width = max(LONGEST_LOOP * (options.max_repeats + 1), options.no_repeat_ngram)
            width = max(width, 0 if forbidden is None else forbidden.shape[2])
            # Where a batch is padded to one of a few shapes, this should be one of a few, too.
            width = max(width, *limits, *target_limits([source.shape[1]], options))
            tokens = torch.full((batch, beam_size, width), NO_TOKEN, device=device)
        if options.coverage_penalty:
            coverage = torch.zeros(batch, beam_size, source.shape[1], device=device)
            mask = source != PADDING_ID
        required = None
        if any(one.required for one in constraints):
            required = RequiredPhrases.start(constraints, limits, beam_size, device)
        if shortlist is not None and (prefix is not None or required is not None):
            raise ValueError("a prefix or required phrase needs scores of every token, not of a shortlist")
        return cls(
            options=options,
            minimums=torch.tensor(minimums, device=device) if any(minimums) else None,
            tokens=tokens,
            coverage=coverage,
            mask=mask,
            prefix=prefix,
            forbidden=forbidden,
            columns=None if shortlist is None else column_of(shortlist, vocabulary_size),
            required=required,
        )

    @property
    def prefix_length(self) -> int:
        """Steps at the beginning that a prefix decides; there `forbid_` needs a plain number."""
        return 0 if self.prefix is None else self.prefix.shape[1]

    def forbid_(self, scores: Tensor, step: int | Tensor) -> Tensor:
        """Set the scores of banned tokens to minus infinity, in place: scores (B, K, V) or (B, K, L), `step` from 1."""
        wanted = own = None
        if self.prefix is not None and isinstance(step, int) and step <= self.prefix_length:
            wanted = self.prefix[:, step - 1]
            own = scores.gather(2, wanted[:, None, None].expand(-1, scores.shape[1], 1))
        if self.tokens is not None:
            banned = self._banned(self.tokens)
            columns = banned if self.columns is None else self.columns.gather(1, banned.flatten(1)).view_as(banned)
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

    def advance(self, parents: Tensor | None, tokens: Tensor, attention: Tensor) -> History:
        """Hypothesis n of all B·K continues `parents[n]` (None: itself) with one more token.

        parents (B·K,) and tokens (B, K) int64; attention (B, K, S) that of the hypotheses before.
        """
        history, coverage, required = self.tokens, self.coverage, self.required
        if history is not None:
            history = torch.cat((_take(history, parents)[..., 1:], tokens[..., None]), dim=2)
        if coverage is not None:
            coverage = _take(coverage + attention, parents)
        if required is not None and parents is not None:
            required = required.advance(parents, tokens)
        return replace(self, tokens=history, coverage=coverage, required=required)

    def select(self, sentences: Tensor) -> History:
        """Only these sentences, (B',) int64."""
        return History(
            options=self.options,
            minimums=_rows(self.minimums, sentences),
            tokens=_rows(self.tokens, sentences),
            coverage=_rows(self.coverage, sentences),
            mask=_rows(self.mask, sentences),
            prefix=_rows(self.prefix, sentences),
            forbidden=_rows(self.forbidden, sentences),
            columns=_rows(self.columns, sentences),
            required=self.required and self.required.select(sentences),
        )

    def penalise(self, scores: Tensor, parents: Tensor | None = None) -> Tensor:
        """`scores` of hypotheses that end now, less the penalty; `parents` counts them through all B·K (None: in order).

        The penalty is -beta · Σ over source tokens of log(min(attention got, 1)), equation 14 of Wu et al. 2016, and never
        below 0. The attention is that of the tokens before END, as a Candidate has it.
        """
        if self.coverage is None or self.mask is None:
            return scores
        # In double precision, and one position after the other, so that the sum as float32 is the same to the bit with any
        # library's logarithm and however far the batch is padded.
        logarithms = (
            self.coverage.clamp(_LEAST_COVERAGE, 1.0).double().log().masked_fill(~self.mask[:, None], 0.0)
        )  # (B, K, S)
        sums = logarithms.cumsum(dim=2)[..., -1].float()  # (B, K)
        return scores + self.options.coverage_penalty * (sums if parents is None else sums.flatten()[parents])


def needs_history(
    options: SearchOptions, constraints: Sequence[Constraints], lengths: Sequence[int], limits: Sequence[int]
) -> bool:
    """Whether a search of sentences of these lengths and limits asks for more than the last token tells."""
    bans = options.no_repeat_ngram or options.max_repeats or any(target_minimums(lengths, limits, options))
    return bool(bans or options.coverage_penalty or any(one != UNCONSTRAINED for one in constraints))


def column_of(shortlist: Tensor, vocabulary_size: int) -> Tensor:
    """(B, V) int64: the column of each token in `shortlist` (B, L); 0, the column of padding, where it has none."""
    columns = torch.arange(shortlist.shape[1], device=shortlist.device).expand_as(shortlist)
    table = shortlist.new_zeros(len(shortlist), vocabulary_size).scatter_(1, shortlist, columns)
    table[:, PADDING_ID] = 0  # the columns that fill up a list
    return table


def repeated_ngrams(history: Tensor, size: int) -> Tensor:
    """Tokens that would complete an n-gram of `size` tokens already there: history (B, K, W) -> (B, K, W - size + 1)."""
    windows = history.unfold(2, size, 1)  # (B, K, W - size + 1, size)
    last = history[:, :, history.shape[2] - size + 1 :]  # (B, K, size - 1)
    matches = (windows[..., :-1] == last[:, :, None, :]).all(dim=3)
    return _tokens_where(matches, windows[..., -1])


def loops(history: Tensor, most: int) -> Tensor:
    """Tokens that would complete a phrase for the (most + 1)-th time in a row: history (B, K, W) -> (B, K, LONGEST_LOOP).

    A phrase of p tokens that comes r times in a row is p · (r - 1) tokens each equal to the one p before it.
    """
    banned = []
    for period in range(1, LONGEST_LOOP + 1):
        end, equal = history.shape[2], period * most - 1
        matches = (history[..., end - equal :] == history[..., end - equal - period : end - period]).all(dim=2)  # (B, K)
        banned.append(_tokens_where(matches, history[..., -period]))
    return torch.stack(banned, dim=2)


def _tokens_where(condition: Tensor, tokens: Tensor) -> Tensor:
    return torch.where(condition & (tokens != NO_TOKEN), tokens, PADDING_ID)


def _take(values: Tensor, parents: Tensor | None) -> Tensor:
    """values (B, K, X) of the hypotheses `parents` (B·K,)."""
    return values if parents is None else values.flatten(0, 1)[parents].view_as(values)


def _rows(values: Tensor | None, sentences: Tensor) -> Tensor | None:
    return None if values is None else values[sentences]
