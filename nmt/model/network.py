"""Networks: the interface that all kinds share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """Weights that the vectors of one pass are multiplied with, by how often that happens. Each is two operations."""

    sentence: int = 0
    """Once for each source sentence."""
    source: int = 0
    """Once for each source token."""
    step: int
    """Once for each target token of each hypothesis, up to the output matrix."""


class Network(nn.Module, ABC):
    """A whole network: from token ids to logits, through features that its output matrix reads."""

    output: nn.Linear
    """Output matrix, from features (..., E) to logits (..., V)."""
    unsmoothed: int | None = None
    """The token that has no part in label smoothing, since the softmax over the other tokens does not decide about it."""

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return self.output.out_features

    @property
    @abstractmethod
    def architecture(self) -> tuple[tuple[str, str], ...]:
        """Label and value of each part, as the parts describe themselves."""

    @property
    @abstractmethod
    def products(self) -> Products:
        """The network's products but for the output matrix, as the parts count them."""
