"""From a network and a batch to the loss: what an update differentiates and a validation adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nmt.config.vocabulary import PADDING_ID
from nmt.corpus.batching import PairBatch
from nmt.training.loss import label_smoothed_loss
from nmt.training.precision import Precision, mixed
from nmt.training.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The loss of a task's network on a batch."""

    task: Task[Any, Any]
    smoothing: float
    """Of labels."""
    precision: Precision
    """Of matrix products of a network that is being trained; one that is judged computes in float32."""
    device: torch.device

    def __call__(self, network: Any, batch: PairBatch) -> tuple[Tensor, Tensor, int]:
        """Smoothed loss and negative log-likelihood, summed over real target tokens, and the number of those tokens."""
        with mixed(self.precision if network.training else "float32", self.device):
            features = self.task.features(network, batch)
            real = batch.target != PADDING_ID
            target = batch.target[real]
            logits = network.output(features[real])  # (N, V): padding never meets the largest matrix
        loss, likelihood = label_smoothed_loss(logits, target, smoothing=self.smoothing)
        return loss, likelihood, len(target)
