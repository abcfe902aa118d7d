"""Lists of modules of one type, and questions that a module is asked about its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from torch import nn

M = TypeVar("M", bound=nn.Module)


class Modules(nn.ModuleList, Generic[M]):
    """A ModuleList whose elements have one type, which a type checker then knows."""

    if TYPE_CHECKING:

        def __getitem__(self, index: int) -> M: ...  # type: ignore[override]

        def __iter__(self) -> Iterator[M]: ...


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
