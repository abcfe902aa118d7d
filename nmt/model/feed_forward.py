"""The feed-forward layer."""

from __future__ import annotations

from torch import Tensor, nn


class FeedForwardLayer(nn.Module):
    """ReLU(LN(W x + b)): normalised before the nonlinearity (Ba et al. 2016, section 3), like the cell of an SSRU."""

    def __init__(self, *, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.projection = nn.Linear(input_size, hidden_size)
        nn.init.xavier_uniform_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)
        self.norm = nn.LayerNorm(hidden_size)

    def forward(self, inputs: Tensor) -> Tensor:
        """(..., I) -> (..., H)."""
        output: Tensor = self.norm(self.projection(inputs)).relu()
        return output
