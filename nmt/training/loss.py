"""What training minimises."""

from __future__ import annotations

from torch import Tensor, nn


def label_smoothed_loss(logits: Tensor, target: Tensor, *, smoothing: float) -> tuple[Tensor, Tensor]:
    """Cross entropy against (1 - smoothing) on the target and smoothing / V on every token (Szegedy et al. 2016, section 7).

    logits (N, V), target (N,) without padding. Returns the smoothed loss to minimise and the plain negative
    log-likelihood to report, both summed, in nats.
    """
    log_probabilities = logits.log_softmax(dim=1)
    likelihood = nn.functional.nll_loss(log_probabilities, target, reduction="sum")
    if smoothing == 0.0:
        return likelihood, likelihood.detach()
    uniform = -log_probabilities.mean(dim=1).sum()
    return (1.0 - smoothing) * likelihood + smoothing * uniform, likelihood.detach()
