"""Required phrases: lexically constrained search (Hokamp and Liu 2017), with a beam of fixed size.

A hypothesis that has met n tokens of the phrases is in bank n. As in dynamic beam allocation (Post and Vilar 2018), places
in the beam go to the banks in turn, so that phrases are begun early enough; here in one sort for the whole batch: the best
hypothesis of each bank, the fullest bank first, then the second best of each, and so on.

A hypothesis must be able to meet all phrases within its limit: a token is allowed only if the rest of the phrases still
fits after it. The next token of the phrase that is furthest always fits, so a hypothesis can always go on. Two phrases may
overlap where that happens by itself, but the room needed is counted as if they did not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID, PADDING_ID
from nmt.search.constraint_tensors import NO_TOKEN
from nmt.search.constraints import Constraints


@dataclass(frozen=True, slots=True)
class RequiredPhrases:
    """R phrases of at most P tokens for each of B sentences, and how far each of K hypotheses has met them."""

    phrases: Tensor  # (B, R, P) int64
    lengths: Tensor  # (B, R) int64; 0 where a sentence has fewer phrases
    limits: Tensor  # (B,) int64: the most tokens, END included
    recent: Tensor  # (B, K, P) int64: the last tokens
    met: Tensor  # (B, K, R) bool
    wanted: Tensor  # (B, K, R) int64: the next token of each phrase; PADDING_ID where it is met

    @classmethod
    def start(
        cls, constraints: Sequence[Constraints], limits: Sequence[int], beam_size: int, device: torch.device
    ) -> RequiredPhrases:
        """For sentences of which at least one has a required phrase."""
        needed = [one.needed for one in constraints]
        batch, most = len(constraints), max(map(len, needed))
        longest = max(len(phrase) for own in needed for phrase in own)
        phrases = torch.full((batch, most, longest), NO_TOKEN)
        lengths = torch.zeros(batch, most, dtype=torch.int64)
        for row, own in enumerate(needed):
            for place, phrase in enumerate(own):
                phrases[row, place, : len(phrase)] = torch.tensor(phrase)
                lengths[row, place] = len(phrase)
        met = (lengths == 0)[:, None].expand(-1, beam_size, -1)
        return cls(
            phrases=phrases.to(device),
            lengths=lengths.to(device),
            limits=torch.tensor(limits, device=device),
            recent=torch.full((batch, beam_size, longest), NO_TOKEN, device=device),
            met=met.contiguous().to(device),
            wanted=torch.where(met, PADDING_ID, phrases[:, None, :, 0]).to(device),
        )

    def select(self, sentences: Tensor) -> RequiredPhrases:
        """Only these sentences, (B',) int64."""
        return RequiredPhrases(
            phrases=self.phrases[sentences],
            lengths=self.lengths[sentences],
            limits=self.limits[sentences],
            recent=self.recent[sentences],
            met=self.met[sentences],
            wanted=self.wanted[sentences],
        )

    def advance(self, parents: Tensor, tokens: Tensor) -> RequiredPhrases:
        """Hypothesis n of all B·K continues `parents[n]`, (B·K,), with its token in tokens (B, K)."""
        recent, met = (values.flatten(0, 1)[parents].view_as(values) for values in (self.recent, self.met))
        recent = torch.cat((recent[..., 1:], tokens[..., None]), dim=2)
        met, begun = self._progress(recent, met)
        following = self.phrases[:, None].expand(-1, tokens.shape[1], -1, -1).gather(3, begun[..., None]).squeeze(3)
        return replace(self, recent=recent, met=met, wanted=torch.where(met, PADDING_ID, following))

    def spare(self, banned: Tensor) -> Tensor:
        """Banned tokens (B, K, ·), with PADDING_ID in place of those that the hypothesis wants for a phrase."""
        return banned.masked_fill((banned[..., :, None] == self.wanted[..., None, :]).any(dim=3), PADDING_ID)

    def continuations(self, scores: Tensor, step: int | Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The first 2K continuations of each sentence in the order of places in the beam: scores (B, K, V), `step` from 1.

        Returns their values, by which they are ordered, their scores and their places in (K, V), (B, 2K) each.
        """
        beam_size, vocabulary = scores.shape[1:]
        tokens, found = self._options(scores)  # (B, C)
        hypotheses = torch.arange(beam_size, device=scores.device).repeat_interleave(tokens.shape[1] // beam_size)  # (C,)
        recent = torch.cat((self.recent[:, hypotheses, 1:], tokens[..., None]), dim=2)
        met, begun = self._progress(recent, self.met[:, hypotheses])
        lengths = self.lengths[:, None]  # (B, 1, R)
        bank = (met * lengths).sum(dim=2) + begun.masked_fill(met, 0).amax(dim=2)  # (B, C)
        left = lengths.sum(dim=2) - bank
        fits = torch.where(tokens == END_ID, left == 0, left < (self.limits - step)[:, None])
        found = found.masked_fill(~fits, -math.inf)

        found, order = found.sort(dim=1, descending=True)
        bank, regrouped = bank.gather(1, order).sort(dim=1, descending=True, stable=True)
        found, order = found.gather(1, regrouped), order.gather(1, regrouped)
        places = torch.arange(bank.shape[1], device=bank.device).expand_as(bank)
        is_first = torch.cat((bank[:, :1] >= 0, bank[:, 1:] != bank[:, :-1]), dim=1)
        ranks = places - places.masked_fill(~is_first, 0).cummax(dim=1).values  # in the bank
        # The places are in order of banks already.
        values = (-ranks * bank.shape[1] - places).double().masked_fill(found == -math.inf, -math.inf)
        values, chosen = values.topk(2 * beam_size, dim=1)
        order, found = order.gather(1, chosen), found.gather(1, chosen)
        return values, found, hypotheses[order] * vocabulary + tokens.gather(1, order)

    def _options(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens and scores, (B, C) each, that may come next: C/K for each hypothesis, those it wants and its best."""
        beam_size = scores.shape[1]
        wanted = scores.gather(2, self.wanted)  # (B, K, R)
        repeated = (self.wanted[..., :, None] == self.wanted[..., None, :]).tril(-1).any(dim=3)
        # One place more than the beam has, since one of a hypothesis' best may be END.
        best, tokens = scores.scatter(2, self.wanted, -math.inf).topk(min(beam_size + 1, scores.shape[2]), dim=2)
        tokens = torch.cat((self.wanted, tokens), dim=2).flatten(1)
        return tokens, torch.cat((wanted.masked_fill(repeated, -math.inf), best), dim=2).flatten(1)

    def _progress(self, recent: Tensor, met: Tensor) -> tuple[Tensor, Tensor]:
        """Which phrases are met, and how many tokens of each the last tokens begin: (B, M, P), (B, M, R) -> (B, M, R) twice.

        The second number means nothing where the phrase is met.
        """
        size = recent.shape[2]
        begun = torch.zeros_like(met, dtype=torch.int64)
        for length in range(1, size + 1):
            last, first = recent[:, :, None, size - length :], self.phrases[:, None, :, :length]
            matches = (last == first).all(dim=3)  # (B, M, R)
            met = met | (matches & (self.lengths == length)[:, None])
            if length < size:
                begun = torch.where(matches, length, begun)
        return met, begun
