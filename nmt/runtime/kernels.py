"""int8 matrices and LSTM cells for decoding on a CPU, over the compiled kernel.

A weight is int8 with one scale per output ("per channel"), an input int8 with one scale per row, found as it comes; sums are
exact integers. A row's result depends on that row alone, so it is the same in every batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID
from nmt.errors import DeviceError
from nmt.search.scorer import Continuations

try:
    import nmt.runtime._kernel as _kernel
except ModuleNotFoundError:  # installed where there was no C compiler
    AVAILABLE = False
except ImportError as error:  # cut short, or just being replaced: another runtime in its place would give other texts
    raise DeviceError(f"the compiled kernel is there and cannot be loaded: {error}; install nmt again") from error
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

    def select(self, tokens: Tensor) -> Output:
        """For tokens (B, L) int64, L a multiple of UNITS and 0 where there is none after the first."""
        real = tokens != 0
        real[:, 0] = True
        scale, bias = self.scale[tokens], self.bias[tokens].masked_fill_(~real, -torch.inf)
        plan = _plan(self.rows, scale, bias, tokens.shape[1], [self.width], 0)
        return Output(plan, tokens.shape[1], tokens, (self.rows, scale, bias))


class Output:
    """From readouts to what comes next: over all V tokens, or over the list of L that each sentence may use."""

    def __init__(self, plan: Tensor, columns: int, lists: Tensor | None, parts: object) -> None:
        """A plan of so many columns, lists (M, L) int64 or None, and what the plan points to, to live as long as it does."""
        self._plan, self._columns, self._lists, self._parts = plan, columns, lists, parts
        self._addresses = plan.data_ptr(), 0 if lists is None else lists.data_ptr()

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """All tokens."""
        return cls(matrix.plan, matrix.outputs, None, matrix)

    def log_probabilities(self, readout: int, sentences: Tensor, beam: int) -> Tensor:
        """The address of readouts (B·K, E), sentences (B,): the list of each -> (B, K, V or L)."""
        batch = sentences.size(0)
        out = torch.empty(batch, beam, self._columns)
        _kernel.log_probabilities(*self._addresses, batch, beam, sentences.data_ptr(), readout, out.data_ptr())
        return out

    def best(
        self, readout: int, sentences: Tensor, beam: int, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> Continuations:
        """As `log_probabilities`, and then as Ranking.best."""
        batch = sentences.size(0)
        best = torch.empty(batch, count)
        rows, tokens = torch.empty(batch, count, dtype=torch.int64), torch.empty(batch, count, dtype=torch.int64)
        _kernel.best(
            *self._addresses, batch, beam, sentences.data_ptr(), readout, _address(scores), _address(forced),
            END_ID, count, best.data_ptr(), rows.data_ptr(), tokens.data_ptr(),
        )  # fmt: skip
        return Continuations(best, best, rows, tokens)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a decoder. Recurrent ones read their own hidden state as the last part of their input (LSTMs only)."""

    kind: Literal["lstm", "ssru", "feed-forward"]
    matrix: Matrix
    norm: torch.nn.LayerNorm | None = None  # all but LSTMs


class Memory:
    """What a decoder attends to: keys (M, S, A), values (M, S, C), and lengths (M,) int64; all contiguous."""

    def __init__(self, keys: Tensor, values: Tensor, lengths: Tensor) -> None:
        self.steps = keys.shape[1]
        self._parts = keys, values, lengths
        fields = [*(part.data_ptr() for part in self._parts), self.steps, keys.shape[2], values.shape[2]]
        self._plan = torch.tensor(fields, dtype=torch.int64)
        self.address = self._plan.data_ptr()


class Decoder:
    """A step of a whole decoder in one call, all but the output matrix.

    The state of N hypotheses is one tensor of N times `state_size` numbers: of each recurrent layer hidden state and cell,
    (N, H) each, then the readout (N, E).
    """

    def __init__(
        self,
        *,
        embedding: Tensor,
        layers: Sequence[Layer],
        units: int,
        readout: Matrix,
        residual: bool,
        feeding: bool,
        query: Matrix | None,
        vector: Tensor | None,
        heads: int,
        scaled: bool,
    ) -> None:
        """embedding (V, E). With `feeding` the readout is the second part of the first layer's input, and the top attends.

        Attention is of dot products, divided by sqrt(A / heads) if `scaled`, or additive with a `vector` (A,).
        """
        norms = [None if layer.norm is None else _norm(layer.norm) for layer in layers]
        kinds = {"lstm": 0, "ssru": 1, "feed-forward": 2}
        stack = [
            [layer.matrix.address, kinds[layer.kind], _address(norm)] for layer, norm in zip(layers, norms, strict=True)
        ]
        stacked = torch.tensor(stack, dtype=torch.int64)
        recurrent = sum(layer.kind != "feed-forward" for layer in layers)
        self._parts = embedding, layers, norms, stacked, readout, query, vector  # what the plan points to
        self._plan = torch.tensor(
            [
                embedding.data_ptr(), stacked.data_ptr(), recurrent, len(layers), units, residual, feeding, readout.address,
                0 if query is None else query.address, _address(vector), heads, scaled,
            ],
            dtype=torch.int64,
        )  # fmt: skip
        self._address, self._units = self._plan.data_ptr(), 2 * recurrent * units
        self.state_size = self._units + readout.outputs

    def __call__(
        self, tokens: Tensor, memory: Memory, sentences: Tensor, state: Tensor, rows: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """tokens (B, K) int64, sentences (B,) of the memory; row n of the state is row rows[n], or n without `rows`.

        Returns the state after, and the attention (B, K, S).
        """
        batch, beam = tokens.shape
        after, weights = torch.empty(batch * beam * self.state_size), torch.empty(batch, beam, memory.steps)
        _kernel.decode(
            self._address, memory.address, batch, beam, sentences.data_ptr(), tokens.data_ptr(), _address(rows),
            state.numel() // self.state_size, state.data_ptr(), after.data_ptr(), weights.data_ptr(),
        )  # fmt: skip
        return after, weights

    def readout(self, state: Tensor) -> int:
        """The address of the readouts (N, E) in a state."""
        return state.data_ptr() + state.element_size() * (state.numel() // self.state_size) * self._units


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


def _norm(norm: torch.nn.LayerNorm) -> Tensor:
    return torch.cat((norm.weight.detach(), norm.bias.detach(), torch.tensor([norm.eps])))


def _addresses(rows: Rows | None) -> tuple[int, int]:
    return (0, 0) if rows is None else (rows.values.data_ptr(), _address(rows.index))


def _address(tensor: Tensor | None) -> int:
    if tensor is not None and not tensor.is_contiguous():
        raise ValueError(f"the kernel reads contiguous tensors, not one of strides {tensor.stride()}")
    return 0 if tensor is None else tensor.data_ptr()
