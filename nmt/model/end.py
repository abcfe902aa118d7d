"""Output matrices that decide apart from the softmax whether a target ends (Goodfellow et al. 2016, section 10.2.3).

Without them END is a token of the softmax like any other.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nmt.config.vocabulary import END_ID


class EndOutput(nn.Linear):
    """An output matrix with P(END) = s, and P(token) = (1 - s) · softmax over all tokens but END.

    The logit of END is log(s / (1 - s)) + log Σ exp(logit) over the other tokens: with that, the softmax over all tokens
    has these probabilities, and loss, search and scoring are the same as for any other network.
    """

    description: str
    """The way to end in a few words, for people."""


class StopOutput(EndOutput):
    """A Bernoulli stop: s = sigmoid(w · h + b), where w and b are the row of END."""

    description = "Bernoulli stop"

    def forward(self, features: Tensor) -> Tensor:
        """features (..., E) -> logits (..., V)."""
        logits = super().forward(features)
        return _with_end(logits, logits[..., END_ID : END_ID + 1])


class LengthOutput(EndOutput):
    """An end by the predicted length: the last unit of the features is log(s / (1 - s)), and the row of END is not used."""

    description = "predicted length"

    def forward(self, features: Tensor) -> Tensor:
        """features (..., E + 1) -> logits (..., V)."""
        return _with_end(super().forward(features[..., :-1]), features[..., -1:])


def _with_end(logits: Tensor, log_odds: Tensor) -> Tensor:
    """logits (..., V) with another logit of END, whose probability has `log_odds` (..., 1)."""
    before, after = logits[..., :END_ID], logits[..., END_ID + 1 :]
    others = torch.logaddexp(before.logsumexp(dim=-1, keepdim=True), after.logsumexp(dim=-1, keepdim=True))
    return torch.cat((before, (log_odds + others).to(logits.dtype), after), dim=-1)
