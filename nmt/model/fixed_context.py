"""Decoders' contexts without attention: none at all, or one vector for the whole sentence."""

from __future__ import annotations

from torch import Tensor

from nmt.model.attention import Attention, Memory


class NoAttention(Attention):
    """A context of no units: the decoder knows of the source what its first state holds (Sutskever et al. 2014).

    Its weights are the same for all source tokens, since nothing is known of which matter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.context_size = 0

    @property
    def description(self) -> str:
        return "none"

    @property
    def source_products(self) -> int:
        return 0

    def keys(self, states: Tensor) -> Tensor:
        """(B, S, H) -> (B, S, 0)."""
        return states[..., :0]

    def values(self, states: Tensor) -> Tensor:
        """(B, S, H) -> (B, S, 0)."""
        return states[..., :0]

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return query.new_zeros(*query.shape[:2], keys.shape[1])


class FixedContext(NoAttention):
    """The summary of the sentence as the context of each target token (Cho et al. 2014)."""

    def __init__(self, *, state_size: int) -> None:
        super().__init__()
        self.context_size = state_size

    @property
    def description(self) -> str:
        return "none, fixed context"

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        _, weights = super().forward(query, memory)
        return memory.summary[:, None].expand(-1, query.shape[1], -1), weights
