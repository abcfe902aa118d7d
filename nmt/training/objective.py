"""From a network and a batch to the loss: what an update differentiates and a validation adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from nmt.config.vocabulary import PADDING_ID
from nmt.corpus.batching import PairBatch
from nmt.training.loss import label_smoothed_loss
from nmt.training.precision import Precision, mixed
from nmt.training.task import Carried, Task


class BatchLoss(NamedTuple):
    """Sums over the N real target tokens of a batch."""

    loss: Tensor
    """The smoothed loss, with N times what the task adds to its mean."""
    likelihood: Tensor
    """Negative log-likelihood, in nats."""
    tokens: int
    """N."""
    carried: Carried
    """The state after the batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The loss of a task's network on a batch."""

    task: Task[Any, Any]
    smoothing: float
    """Of labels."""
    precision: Precision
    """Of matrix products of a network that is being trained; one that is judged computes in float32."""
    device: torch.device

    def __call__(self, network: Any, batch: PairBatch, carried: Carried = ()) -> BatchLoss:
        """The loss of `network` on `batch`, which goes on after the state `carried` where there is one."""
        with mixed(self.precision if network.training else "float32", self.device):
            found = self.task.forward(network, batch, carried)
            real = batch.target != PADDING_ID
            target = batch.target[real]
            logits = network.output(found.features[real])  # (N, V): padding never meets the largest matrix
        loss, likelihood = label_smoothed_loss(logits, target, smoothing=self.smoothing, unsmoothed=network.unsmoothed)
        if found.penalty is not None and network.training:
            loss = loss + len(target) * found.penalty
        return BatchLoss(loss=loss, likelihood=likelihood, tokens=len(target), carried=found.carried)
