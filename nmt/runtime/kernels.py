"""int8 matrices and LSTM cells for decoding on a CPU, over the compiled kernel.

A weight is int8 with one scale per output ("per channel"), an input int8 with one scale per row, found as it comes; sums are
exact integers. A row's result depends on that row alone, so it is the same in every batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

try:
    from nmt.runtime import _kernel
except ImportError:  # installed where there was no C compiler
    AVAILABLE = False
else:
    AVAILABLE = True

TILE = 64
"""Outputs that the kernel computes together."""
UNITS = 16
"""Numbers that the kernel holds together; an LSTM layer's units and the length of a list of tokens are a multiple of it."""

_SOME = 256  # rows
_ROW_BYTES = 64  # a token's row in the table is a multiple of it

Activation = Literal["none", "tanh", "relu"]
_ACTIVATIONS: dict[Activation, int] = {"none": 0, "tanh": 1, "relu": 2}


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of the input of a product: row n is values[index[n]], or values[n] without an index."""

    values: Tensor  # (M, I) float32, contiguous
    index: Tensor | None = None  # (N,) int64


class Matrix:
    """y = activation(W [first | second | third] + b), packed for the kernel."""

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        widths: Sequence[int],
        activation: Activation = "none",
        gates: bool = False,
    ) -> None:
        """weight (N, I), bias (N,), widths of up to three parts with I in all.

        With `gates`, N = 4H in PyTorch's order of gates, and outputs come in the kernel's order: for each 16 units their
        i, f, g and o.
        """
        if gates:
            weight = weight.view(4, -1, UNITS, weight.shape[1]).transpose(0, 1).reshape(weight.shape)
            bias = None if bias is None else bias.view(4, -1, UNITS).transpose(0, 1).flatten()
        self.outputs = len(weight)
        integers, scale = quantise(weight)
        self.weights = pack(integers)
        self.scale = _padded(scale)
        self.bias = _padded(torch.zeros_like(scale) if bias is None else bias.float())
        self.plan = _plan(self.weights, self.scale, self.bias, self.outputs, widths, _ACTIVATIONS[activation])
        self.address = self.plan.data_ptr()

    def __call__(self, rows: int, first: Rows, second: Rows | None = None) -> Tensor:
        """(rows, N)."""
        out = torch.empty(rows, self.outputs)
        _kernel.linear(self.address, rows, *_addresses(first), *_addresses(second), 0, 0, out.data_ptr())
        return out


class LSTMCell(Matrix):
    """A whole LSTM step: the weight is [W_ih's parts | W_hh], the last part of the input the hidden state."""

    def step(self, rows: int, first: Rows, second: Rows | None, hidden: Rows, cell: Rows) -> tuple[Tensor, Tensor]:
        """Next hidden and cell state, (rows, H) each. Without a second part, the hidden state is the second."""
        units = self.outputs // 4
        out, after = torch.empty(rows, units), torch.empty(rows, units)
        parts = (first, hidden, None) if second is None else (first, second, hidden)
        addresses = [address for part in (*parts, cell) for address in _addresses(part)]
        _kernel.lstm(self.address, rows, *addresses, out.data_ptr(), after.data_ptr())
        return out, after


class LSTMSequence:
    """One direction of one encoder layer."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        """weights: W_ih (4H, I), W_hh (4H, H), b_ih and b_hh (4H,) as PyTorch has them."""
        inputs, recurrent, *biases = weights
        self.units = recurrent.shape[1]
        self._inputs = Matrix(inputs, biases[0] + biases[1], widths=[inputs.shape[1]], gates=True)
        self._recurrent = Matrix(recurrent, None, widths=[self.units], gates=True)

    def __call__(self, inputs: Rows, lengths: Tensor, out: Tensor, *, first: int, backward: bool) -> None:
        """Reads B·S rows, writes columns `first` and on of out (B, S, H), zeros, up to each sentence's end."""
        batch, steps, width = out.shape
        gates = self._inputs(batch * steps, inputs)
        start = out.data_ptr() + first * out.element_size()
        _kernel.lstm_sequence(
            self._recurrent.address, batch, steps, lengths.data_ptr(), gates.data_ptr(), int(backward), start, width
        )


class TokenTable:
    """The output matrix, for scoring a list of tokens of each sentence's own."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """weight (V, E), bias (V,)."""
        integers, self.scale = quantise(weight)
        self.bias = bias.detach().float()
        self.width = weight.shape[1]
        self.rows = _unsigned(_columns(integers, _ROW_BYTES))

    def select(self, tokens: Tensor) -> TokenLists:
        """For tokens (B, L) int64, L a multiple of UNITS and 0 where there is none after the first."""
        return TokenLists(self, tokens)


class TokenLists:
    """The rows of the output matrix that B sentences may use."""

    def __init__(self, table: TokenTable, tokens: Tensor) -> None:
        real = tokens != 0
        real[:, 0] = True
        self._tokens = tokens
        # What the plan points to lives as long as it does.
        self._rows, self._scale = table.rows, table.scale[tokens]
        self._bias = table.bias[tokens].masked_fill_(~real, -torch.inf)
        self._plan = _plan(table.rows, self._scale, self._bias, tokens.shape[1], [table.width], 0)

    def __call__(self, readout: Tensor, sentences: Tensor) -> Tensor:
        """readout (B·K, E), sentences (B,): the list of each -> log-probabilities over it (B, K, L)."""
        batch = sentences.size(0)
        beam = readout.size(0) // batch
        out = torch.empty(batch, beam, self._tokens.shape[1])
        _kernel.list_scores(
            self._plan.data_ptr(), batch, beam, sentences.data_ptr(), self._tokens.data_ptr(), readout.data_ptr(),
            out.data_ptr(),
        )  # fmt: skip
        return out


def log_softmax_(scores: Tensor) -> Tensor:
    """Over the last dimension, in place; scores are contiguous."""
    columns = scores.shape[-1]
    _kernel.log_softmax(scores.numel() // columns, columns, scores.data_ptr())
    return scores


def attend(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    *,
    lengths: Tensor,
    sentences: Tensor,
    heads: int,
    scaled: bool,
    vector: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """query (B·K, A) against keys (M, S, A) and values (M, S, C) of the sentences (B,).

    Returns context (B·K, C) and weights (B, K, S); `lengths` is (M,). With a `vector` (A,) scores are additive;
    otherwise they are dot products, divided by sqrt(A / heads) if `scaled`.
    """
    batch, (_, steps, key_size), value_size = sentences.size(0), keys.shape, values.shape[2]
    beam = query.size(0) // batch
    context, weights = torch.empty(query.size(0), value_size), torch.empty(batch, beam, steps)
    _kernel.attend(
        batch, beam, steps, key_size, value_size, heads, int(scaled), sentences.data_ptr(), lengths.data_ptr(),
        keys.data_ptr(), values.data_ptr(), query.data_ptr(), 0 if vector is None else vector.data_ptr(),
        context.data_ptr(), weights.data_ptr(),
    )  # fmt: skip
    return context, weights


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """weight (N, I) -> int8 (N, I) and scale (N,) float32: each row's largest value is 127."""
    integers, scales = torch.empty(weight.shape, dtype=torch.int8), torch.empty(weight.shape[0])
    # Some rows at a time, since each step in between is as large as what it is made of.
    for first in range(0, weight.shape[0], _SOME):
        some = slice(first, first + _SOME)
        scales[some] = weight.detach()[some].abs().amax(dim=1).clamp_min(1e-12) / 127.0
        integers[some] = (weight.detach()[some] / scales[some, None]).round_()
    return integers, scales


def pack(integers: Tensor) -> Tensor:
    """int8 (N, I) in the kernel's tiles: uint8 (N / 64, I / 4, 4, 16, 4), both sizes padded with zeros."""
    integers = _columns(integers, 4)
    rows, columns = integers.shape
    padded = integers.new_zeros(-(-rows // TILE) * TILE, columns)
    padded[:rows] = integers
    return _unsigned(padded.view(-1, 4, 16, columns // 4, 4).permute(0, 3, 1, 2, 4).contiguous())


def _columns(integers: Tensor, multiple: int) -> Tensor:
    """With zeros to a multiple of so many columns."""
    missing = -integers.shape[1] % multiple
    return torch.nn.functional.pad(integers, (0, missing)).contiguous() if missing else integers.contiguous()


def _unsigned(integers: Tensor) -> Tensor:
    """128 more: what the kernel's product of unsigned and signed bytes asks for."""
    return integers.view(torch.uint8) ^ 128


def _padded(values: Tensor) -> Tensor:
    out = values.new_zeros(-(-len(values) // TILE) * TILE)
    out[: len(values)] = values.detach()
    return out


def _plan(weights: Tensor, scale: Tensor, bias: Tensor, outputs: int, widths: Sequence[int], activation: int) -> Tensor:
    """`struct plan`. The tensors are to live as long as it does."""
    widths = [*widths, *[0] * (3 - len(widths))]
    addresses = (weights.data_ptr(), scale.data_ptr(), bias.data_ptr())
    return torch.tensor([*addresses, -(-outputs // TILE), outputs, activation, *widths], dtype=torch.int64)


def _addresses(rows: Rows | None) -> tuple[int, int]:
    if rows is None:
        return 0, 0
    return rows.values.data_ptr(), 0 if rows.index is None else rows.index.data_ptr()
