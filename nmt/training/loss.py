"""The loss that training minimises."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_ROWS = 64  # of logits at a time: they stay in the cache from the first pass over them to the last


def label_smoothed_loss(
    logits: Tensor, target: Tensor, *, smoothing: float, unsmoothed: int | None = None
) -> tuple[Tensor, Tensor]:
    """Cross entropy against (1 - smoothing) on the target and smoothing / V on every token (Szegedy et al. 2016, section 7).

    A token that is `unsmoothed` has no part in this: it gets no share where another token is the target, and as a target it
    is the only one. logits (N, V), target (N,) without padding. Returns the smoothed loss to minimise and the plain
    negative log-likelihood to report: sums over N, in nats, in float32 at least whatever the logits are in.
    """
    return _LabelSmoothedLoss.apply(logits, target, smoothing, unsmoothed)  # type: ignore[no-any-return, no-untyped-call]


def activation_penalty(features: Tensor, vectors: Tensor, real: Tensor, *, alpha: float, beta: float) -> Tensor | None:
    """AR and TAR (Merity et al. 2017, "Revisiting Activation Regularization for Language RNNs", equations 1 and 2).

    alpha times the mean square of `features` (B, T, E), after dropout, plus beta times the mean square of the change of
    `vectors` (B, T, E), the same before dropout, from a token to the next; `real` (B, T) tells tokens from padding. The
    paper writes L2 norms; its program has the means of squares that are here. None where both factors are zero.
    """
    parts = []
    if alpha:
        parts.append(alpha * features[real].float().square().mean())
    if beta and (pairs := real[:, 1:] & real[:, :-1]).any():
        change = vectors[:, 1:].float() - vectors[:, :-1].float()
        parts.append(beta * change[pairs].square().mean())
    return torch.stack(parts).sum() if parts else None


class _LabelSmoothedLoss(torch.autograd.Function):
    """The loss with its gradient softmax(logits) - wanted, computed at once so that nothing of size (N, V) is kept."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor, smoothing: float, unsmoothed: int | None) -> tuple[Tensor, Tensor]:
        uniform = smoothing / (logits.shape[1] - (unsmoothed is not None))
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[0] else None
        exact = torch.promote_types(logits.dtype, torch.float32)
        likelihood = logits.new_zeros((), dtype=exact)
        everywhere = logits.new_zeros((), dtype=exact)  # minus the sum of all log-probabilities, over V
        rows = logits.shape[0] if logits.is_cuda else _ROWS
        for start in range(0, len(target), rows):
            some = logits[start : start + rows].to(exact)
            wanted = target[start : start + rows, None]
            probabilities = some.softmax(dim=1)  # the only exponential, in one pass
            # From the largest, since the probability of the wanted token may be too small for a float.
            normaliser = some.amax(dim=1, keepdim=True) - probabilities.amax(dim=1, keepdim=True).log()
            nats = normaliser - some.gather(1, wanted)
            spread = normaliser[:, 0] - some.mean(dim=1)
            own, share = torch.full_like(nats, smoothing - 1.0), torch.full_like(nats, uniform)
            if unsmoothed is not None:
                apart, size = wanted == unsmoothed, some.shape[1]
                others = (size * some.mean(dim=1) - some[:, unsmoothed]) / (size - 1)
                spread = torch.where(apart[:, 0], nats[:, 0], normaliser[:, 0] - others)
                own, share = own.masked_fill(apart, -1.0), share.masked_fill(apart, 0.0)
            likelihood += nats.sum()
            everywhere += spread.sum()
            if gradient is not None:
                probabilities.scatter_add_(1, wanted, own).sub_(share)
                if unsmoothed is not None:
                    probabilities[:, unsmoothed] += share[:, 0]
                gradient[start : start + rows] = probabilities
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(likelihood)
        return (1.0 - smoothing) * likelihood + smoothing * everywhere, likelihood

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, loss_gradient: Tensor, _: Tensor) -> tuple[Tensor | None, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * loss_gradient, None, None, None
