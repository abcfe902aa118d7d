"""Sums over the target tokens of updates, and what they say: means for the log, perplexity, divergence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nmt.errors import TrainingError


@dataclass(frozen=True, slots=True)
class UpdateSums:
    """Sums over the target tokens of an update's batches."""

    losses: tuple[float, ...]
    """One for each batch."""
    likelihood: float
    """Negative log-likelihood, in nats."""
    tokens: int
    gradient_norm: float
    """Of the gradient of the mean loss per token, before it is clipped."""
    parts: int
    """In which each batch was computed, as memory allowed."""

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, (*self.losses, self.likelihood, self.gradient_norm)))


@dataclass(slots=True)
class LogSums:
    """Sums over all updates since the last log line."""

    loss: float = 0.0
    likelihood: float = 0.0
    gradient_norm: float = 0.0
    tokens: int = 0
    updates: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    def add(self, sums: UpdateSums) -> None:
        self.loss += sum(sums.losses)
        self.likelihood += sums.likelihood
        self.gradient_norm += sums.gradient_norm
        self.tokens += sums.tokens
        self.updates += 1

    def means(self) -> dict[str, float]:
        return {
            "loss": self.loss / self.tokens,
            "perplexity": perplexity(self.likelihood, self.tokens),
            "gradient_norm": self.gradient_norm / self.updates,
            "tokens_per_second": self.tokens / self.seconds,
            "waiting_share": self.waited / self.seconds,
        }


_WORST_LOSS = 50.0  # nats per token
WORST = math.exp(_WORST_LOSS)
"""A perplexity that only lost weights have, on any text; more is not told apart, nor is what is no number."""


def perplexity(likelihood: float, tokens: int) -> float:
    """exp of the negative log-likelihood per token; at most WORST."""
    return math.exp(min(_WORST_LOSS, likelihood / max(1, tokens)))


def has_diverged(likelihood: float, tokens: int, *, vocabulary_size: int) -> bool:
    """Whether a network predicts the text that it is trained on far worse than chance.

    Chance, every token equally probable, costs log V nats per token; twice as much is no mere bad beginning.
    """
    return not likelihood <= 2.0 * math.log(vocabulary_size) * tokens  # what is no number is worse, too


def divergence(text: str, value: float, *, vocabulary_size: int, update: int | None = None) -> TrainingError:
    """The error that tells of a perplexity on a text, after an update where that is known."""
    when = "" if update is None else f"update {update}: "
    return TrainingError(
        f"{when}training has diverged: perplexity {value:.2g} on {text}, where chance has {vocabulary_size:,}; model and "
        "state saved before are untouched: lower training.learning_rate or training.clip_norm, or raise "
        "training.warmup_updates, and train anew"
    )
