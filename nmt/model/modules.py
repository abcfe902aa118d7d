"""Lists of modules of one type, and the interface that networks of every kind share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from torch import nn

M = TypeVar("M", bound=nn.Module)


class Modules(nn.ModuleList, Generic[M]):
    """A ModuleList whose elements have one type, which a type checker then knows."""

    if TYPE_CHECKING:

        def __getitem__(self, index: int) -> M: ...  # type: ignore[override]

        def __iter__(self) -> Iterator[M]: ...


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


def matrix_weights(*modules: nn.Module | None) -> int:
    """Entries of all matrices in `modules`, embeddings left out: the products of one vector on its way through them."""
    return sum(
        parameter.numel()
        for root in modules
        if root is not None
        for module in root.modules()
        if not isinstance(module, nn.Embedding)
        for parameter in module.parameters(recurse=False)
        if parameter.dim() == 2
    )


def stack_description(descriptions: list[str], sizes: list[int]) -> str:
    """Layers one above the other, each described in a few words and with its units: "LSTM, 2 × 512 units"."""
    if len(set(zip(descriptions, sizes, strict=True))) == 1:
        return f"{descriptions[0]}, {len(sizes)} × {sizes[0]} units"
    return "; ".join(f"{text}, {size} units" for text, size in zip(descriptions, sizes, strict=True))
