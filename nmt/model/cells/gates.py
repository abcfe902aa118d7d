"""Matrices of gates: one product gives several gates, and each gate's rows are drawn as if they stood alone."""

from __future__ import annotations

from torch import nn


def input_gates(*, input_size: int, hidden_size: int, count: int, bias: bool = True) -> nn.Linear:
    """W (count·H, I) with Glorot weights, and zero biases."""
    gates = nn.Linear(input_size, count * hidden_size, bias=bias)
    for rows in gates.weight.data.chunk(count):
        nn.init.xavier_uniform_(rows)
    if bias:
        nn.init.zeros_(gates.bias)
    return gates


def recurrent_gates(*, hidden_size: int, count: int) -> nn.Linear:
    """U (count·H, H), orthogonal for each gate; without biases, since W has them."""
    gates = nn.Linear(hidden_size, count * hidden_size, bias=False)
    for rows in gates.weight.data.chunk(count):
        nn.init.orthogonal_(rows)
    return gates
