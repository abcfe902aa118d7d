"""Judging a network on held-out text, and which of two judgements is the better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from nmt.training.objective import Objective
from nmt.training.sums import WORST, divergence, perplexity
from nmt.training.task import Carried, HeldOut, Judgement, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """Judges a task's networks: by their perplexity, and by the task's own scores."""

    task: Task[Any, Any]
    objective: Objective

    @torch.no_grad()
    def __call__(self, network: Any, text: HeldOut) -> Judgement:
        """Judge `network`, which is in evaluation mode, on `text`. Raises TrainingError where its weights are lost."""
        likelihood, tokens = 0.0, 0
        carried: Carried = ()
        for batch in self.task.batches(text):
            found = self.objective(network, batch.to(self.objective.device), carried if batch.continues else ())
            likelihood += found.likelihood.item()
            tokens += found.tokens
            carried = found.carried
        found_perplexity = perplexity(likelihood, tokens)
        if found_perplexity >= WORST:  # no search finds anything, and an error of it would blame a sentence
            raise divergence(text.name, found_perplexity, vocabulary_size=self.task.tokenizer.vocabulary_size)
        return self.task.judge(network, text, perplexity=found_perplexity)
