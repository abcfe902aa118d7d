"""Parts of a network in int8 for decoding on a CPU, over the compiled kernel: matrices, an encoder, a decoder, all of it.

A weight is int8 with one scale per output ("per channel"), an input int8 with one scale per row, found as it comes; sums are
exact integers. A row's result depends on that row alone, so it is the same in every batch.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Self

import torch
from torch import Tensor

from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.errors import DeviceError
from nmt.model.quantise import quantise
from nmt.model.shortlist import Shortlist
from nmt.search.dropped import Dropped
from nmt.search.plain import PlainSearch
from nmt.search.scorer import Continuations
from nmt.search.trace import Candidate

_LAYOUTS: dict[str, tuple[str, ...]] = {}
MISSING: str | None = None
"""Why there is no kernel, for people."""
try:
    import nmt.runtime._kernel as _kernel

    _LAYOUTS = _kernel.layouts()
except ModuleNotFoundError:
    MISSING = "the compiled kernel is not installed (it needs a C compiler when nmt is installed)"
except (ImportError, AttributeError) as error:  # cut short, being replaced, or of another version of this program
    # Another runtime in its place would give other texts.
    raise DeviceError(f"the compiled kernel is there and cannot be loaded: {error}; install nmt again") from error
AVAILABLE = MISSING is None

TILE = 64
"""Outputs that the kernel computes together."""
UNITS = 16
"""Numbers that the kernel holds together; an LSTM layer's units and the length of a list of tokens are a multiple of it."""

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
        _kernel.linear(
            plan=self.address,
            rows=rows,
            first=_address(first.values),
            first_index=_address(first.index),
            second=0 if second is None else _address(second.values),
            second_index=0 if second is None else _address(second.index),
            third=0,
            third_index=0,
            out=out.data_ptr(),
        )
        return out


class LSTMDirection:
    """One direction of one encoder layer: the product with its inputs, biases included, and that with its state."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        """weights: W_ih (4H, I), W_hh (4H, H), b_ih and b_hh (4H,) as PyTorch has them."""
        inputs, recurrent, *biases = weights
        self.units = recurrent.shape[1]
        self.inputs = Matrix(inputs, biases[0] + biases[1], widths=[inputs.shape[1]], gates=True)
        self.recurrent = Matrix(recurrent, None, widths=[self.units], gates=True)


class KernelEncoder:
    """An encoder: layers of one direction, or of a forward and a backward one."""

    def __init__(self, *, embedding: Tensor, layers: Sequence[Sequence[LSTMDirection]], residual: bool, mean: bool) -> None:
        """embedding (V, E). With `mean` a sentence's summary is the mean of its states, else the top layer's last output."""
        self.width = sum(direction.units for direction in layers[-1])
        stacked = torch.stack([_encoder_layer(*directions) for directions in layers])
        self._parts = embedding, layers, stacked  # what the plan points to
        self._plan = _structure(
            "encoder",
            embedding=_address(embedding),
            layers=stacked.data_ptr(),
            count=len(layers),
            residual=residual,
            mean=mean,
        )
        self.address = self._plan.data_ptr()


class TokenTable:
    """The output matrix row by row, so that each sentence may have a list of tokens of its own."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """weight (V, E), bias (V,)."""
        integers, self.scale = quantise(weight)
        self.bias = bias.detach().float().contiguous()
        self.width = weight.shape[1]
        self.rows = _unsigned(_columns(integers, _ROW_BYTES))

    def plan(self, scale: Tensor, bias: Tensor, columns: int) -> Tensor:
        """The plan of lists of so many columns, whose scales and biases are (B, columns) each."""
        return _plan(self.rows, scale, bias, columns, [self.width], 0)


class KernelShortlist:
    """A shortlist, and the output matrix of the tokens in its lists."""

    def __init__(self, shortlist: Shortlist, table: TokenTable) -> None:
        self._table, self._shortlist = table, shortlist
        self._plan = table.plan(table.scale, table.bias, 0)
        self._structure = _structure(
            "shortlist",
            plan=self._plan.data_ptr(),
            scale=table.scale.data_ptr(),
            bias=table.bias.data_ptr(),
            common=shortlist.common.ctypes.data,
            translations=shortlist.translations.ctypes.data,
            common_count=len(shortlist.common),
            translation_count=shortlist.translations.shape[1],
            id_size=shortlist.common.itemsize,
            vocabulary=shortlist.vocabulary_size,
        )
        self.address = self._structure.data_ptr()

    def select(self, source: Tensor, lengths: Tensor) -> tuple[KernelOutput, Tensor]:
        """source (B, S), lengths (B,) -> the output of the sentences' lists, and these as `Shortlist.tokens` has them."""
        batch, steps = source.shape
        most = len(self._shortlist.common) + steps * self._shortlist.translations.shape[1]
        size = batch * -(-min(most, self._shortlist.vocabulary_size) // UNITS) * UNITS
        tokens, counts = torch.empty(size, dtype=torch.int64), torch.empty(batch, dtype=torch.int64)
        scale, bias = torch.empty(size), torch.empty(size)
        longest = _kernel.lists(
            shortlist=self.address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            tokens=tokens.data_ptr(),
            counts=counts.data_ptr(),
            scale=scale.data_ptr(),
            bias=bias.data_ptr(),
        )
        lists = tokens[: batch * longest].view(batch, longest)
        plan = self._table.plan(scale, bias, longest)
        return KernelOutput(plan, longest, lists, counts, (self, scale, bias)), lists


class KernelOutput:
    """The output matrix in a search: scores of all V tokens, or of the list of L that each sentence may use."""

    def __init__(self, plan: Tensor, columns: int, lists: Tensor | None, counts: Tensor | None, parts: object) -> None:
        """A plan of so many columns, lists (M, L) int64 or None, the real tokens of each, counts (M,) int64 or None; and the
        tensors that the plan points to, kept alive."""
        self._plan, self._columns, self._lists, self._counts, self._parts = plan, columns, lists, counts, parts
        self._plan_address, self._lists_address, self._counts_address = plan.data_ptr(), _address(lists), _address(counts)

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """Scores of all tokens."""
        return cls(matrix.plan, matrix.outputs, None, None, matrix)

    def log_probabilities(self, readout: int, sentences: Tensor, beam: int) -> Tensor:
        """Address of readouts (B·K, E), sentences (B,): which list each has -> (B, K, V or L)."""
        batch = sentences.size(0)
        out = torch.empty(batch, beam, self._columns)
        _kernel.log_probabilities(
            plan=self._plan_address,
            lists=self._lists_address,
            counts=self._counts_address,
            batch=batch,
            beam=beam,
            sentences=sentences.data_ptr(),
            readout=readout,
            out=out.data_ptr(),
        )
        return out

    def best(
        self, readout: int, sentences: Tensor, beam: int, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> Continuations:
        """Ranks the continuations of hypotheses by `log_probabilities` and their scores; implements Ranking.best."""
        batch = sentences.size(0)
        best = torch.empty(batch, count)
        rows, tokens = torch.empty(batch, count, dtype=torch.int64), torch.empty(batch, count, dtype=torch.int64)
        _kernel.best(
            plan=self._plan_address,
            lists=self._lists_address,
            counts=self._counts_address,
            batch=batch,
            beam=beam,
            sentences=sentences.data_ptr(),
            readout=readout,
            out=0,
            scores=_address(scores),
            forced=_address(forced),
            first=END_ID,
            count=count,
            best=best.data_ptr(),
            rows=rows.data_ptr(),
            tokens=tokens.data_ptr(),
        )
        return Continuations(best, best, rows, tokens)


@dataclass(frozen=True, slots=True)
class KernelLayer:
    """A layer of a decoder. Recurrent ones read their own hidden state as the last part of their input (LSTMs only)."""

    kind: Literal["lstm", "ssru", "feed-forward"]
    matrix: Matrix
    norm: torch.nn.LayerNorm | None = None  # all but LSTMs


class KernelMemory:
    """Source sentences as the decoder sees them: keys (M, S, A), values (M, S, C), lengths (M,) int64; all contiguous."""

    def __init__(self, keys: Tensor, values: Tensor, lengths: Tensor) -> None:
        self.steps = keys.shape[1]
        self._parts = keys, values, lengths
        self._plan = _structure(
            "memory",
            keys=keys.data_ptr(),
            values=values.data_ptr(),
            lengths=lengths.data_ptr(),
            steps=self.steps,
            key_size=keys.shape[2],
            value_size=values.shape[2],
        )
        self.address = self._plan.data_ptr()


class KernelDecoder:
    """A step of a whole decoder in one call, all but the output matrix.

    The state of N hypotheses is one tensor of N times `state_size` numbers: of each recurrent layer hidden state and cell,
    (N, H) each, then the readout (N, E).
    """

    def __init__(
        self,
        *,
        embedding: Tensor,
        layers: Sequence[KernelLayer],
        units: int,
        readout: Matrix,
        residual: bool,
        feeding: bool,
        query: Matrix | None,
        vector: Tensor | None,
        heads: int | None,
    ) -> None:
        """embedding (V, E). With `feeding` the readout is the second part of the first layer's input, and the top attends.

        Attention is of dot products, divided by sqrt(A / heads) with `heads`, or additive with a `vector` (A,).
        """
        norms = [None if layer.norm is None else _norm(layer.norm) for layer in layers]
        kinds = {"lstm": 0, "ssru": 1, "feed-forward": 2}
        stacked = torch.stack(
            [
                _structure("layer", plan=layer.matrix.address, kind=kinds[layer.kind], norm=_address(norm))
                for layer, norm in zip(layers, norms, strict=True)
            ]
        )
        recurrent = sum(layer.kind != "feed-forward" for layer in layers)
        self._parts = embedding, layers, norms, stacked, readout, query, vector  # what the plan points to
        self._plan = _structure(
            "decoder",
            embedding=embedding.data_ptr(),
            layers=stacked.data_ptr(),
            recurrent=recurrent,
            count=len(layers),
            units=units,
            residual=residual,
            feeding=feeding,
            readout=readout.address,
            query=0 if query is None else query.address,
            vector=_address(vector),
            heads=heads or 0,
        )
        self.address, self._units = self._plan.data_ptr(), 2 * recurrent * units
        self.state_size = self._units + readout.outputs

    def __call__(
        self, tokens: Tensor, memory: KernelMemory, sentences: Tensor, state: Tensor, rows: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """tokens (B, K) int64, sentences (B,) of the memory; row n of the state is row rows[n], or n without `rows`.

        Returns the state after, and the attention (B, K, S).
        """
        batch, beam = tokens.shape
        after, weights = torch.empty(batch * beam * self.state_size), torch.empty(batch, beam, memory.steps)
        _kernel.decode(
            decoder=self.address,
            memory=memory.address,
            batch=batch,
            beam=beam,
            sentences=sentences.data_ptr(),
            tokens=tokens.data_ptr(),
            rows=_address(rows),
            count=state.numel() // self.state_size,
            before=state.data_ptr(),
            after=after.data_ptr(),
            weights=weights.data_ptr(),
        )
        return after, weights

    def readout(self, state: Tensor) -> int:
        """The address of the readouts (N, E) in a state."""
        return state.data_ptr() + state.element_size() * (state.numel() // self.state_size) * self._units


class KernelNetwork:
    """A whole network: it begins a decoding that is then done step by step, or runs a whole search in one call.

    Keys and values that the decoder attends to are the encoder's states, where there is no matrix for them; without one for
    the initial state the decoder begins with zeros.
    """

    def __init__(
        self,
        *,
        encoder: KernelEncoder,
        decoder: KernelDecoder,
        output: Matrix,
        keys: Matrix | None,
        values: Matrix | None,
        initial: Matrix | None,
        shortlist: KernelShortlist | None = None,
    ) -> None:
        self._parts = encoder, decoder, output, keys, values, initial, shortlist
        self._encoder, self._decoder, self._keys, self._values = encoder, decoder, keys, values
        self._structure = _structure(
            "network",
            encoder=encoder.address,
            keys=0 if keys is None else keys.address,
            values=0 if values is None else values.address,
            initial=0 if initial is None else initial.address,
            decoder=decoder.address,
            output=output.address,
            shortlist=0 if shortlist is None else shortlist.address,
        )
        self._address = self._structure.data_ptr()

    def start(self, source: Tensor, lengths: Tensor) -> tuple[KernelMemory, Tensor]:
        """source (B, S), lengths (B,) -> the memory, and the state before the first token as KernelDecoder has it."""
        batch, steps = source.shape
        states = torch.empty(batch, steps, self._encoder.width)
        keys = states if self._keys is None else torch.empty(batch, steps, self._keys.outputs)
        values = states if self._values is None else torch.empty(batch, steps, self._values.outputs)
        state = torch.empty(batch * self._decoder.state_size)
        _kernel.start(
            network=self._address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            states=states.data_ptr(),
            keys=keys.data_ptr(),
            values=values.data_ptr(),
            state=state.data_ptr(),
        )
        return KernelMemory(keys, values, lengths), state

    def search(self, source: Tensor, lengths: Tensor, asked: PlainSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        """Implements Searching.search; source (B, S) and lengths (B,) int64."""
        batch, steps = source.shape
        limits, divisors = array("q", asked.limits), asked.divisors
        columns = _kernel.search(
            network=self._address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            limits=limits.buffer_info()[0],
            divisors=divisors.buffer_info()[0],
            beam=asked.beam_size,
            n_best=asked.n_best,
            attention=asked.attention,
            begin=BEGIN_ID,
            end=END_ID,
            dropped=dropped,
        )
        return _candidates(columns, lengths.tolist(), steps if asked.attention else 0)


def _candidates(columns: Sequence[bytearray], source_lengths: Sequence[int], steps: int) -> list[list[Candidate]]:
    """The candidates of each sentence out of what the kernel's search returns; attention has so many `steps`, or none."""
    counts, lengths, tokens = (memoryview(column).cast("q").tolist() for column in columns[:3])
    scores, log_probabilities = (memoryview(column).cast("d").tolist() for column in columns[3:5])
    attention = None
    if steps:
        rows = torch.frombuffer(columns[5], dtype=torch.float32) if columns[5] else torch.empty(0)
        attention = rows.view(-1, steps)  # (ΣT, S)
    numbers = iter(zip(lengths, scores, log_probabilities, strict=True))
    found, first = [], 0
    for count, source_length in zip(counts, source_lengths, strict=True):
        candidates = []
        for length, score, log_probability in islice(numbers, count):
            own = slice(first, first + length)
            weights = None if attention is None else attention[own, :source_length]
            candidates.append(Candidate(tokens[own], score, log_probability, weights))
            first += length
        found.append(candidates)
    return found


def pack(integers: Tensor) -> Tensor:
    """int8 (N, I) in the kernel's tiles: uint8 (N / 64, I / 4, 4, 16, 4), both sizes padded with zeros."""
    integers = _columns(integers, 4)
    rows, columns = integers.shape
    padded = integers.new_zeros(-(-rows // TILE) * TILE, columns)
    padded[:rows] = integers
    return _unsigned(padded.view(-1, 4, 16, columns // 4, 4).permute(0, 3, 1, 2, 4).contiguous())


def _columns(integers: Tensor, multiple: int) -> Tensor:
    """`integers` (N, I) with columns of zeros up to a multiple."""
    missing = -integers.shape[1] % multiple
    return torch.nn.functional.pad(integers, (0, missing)).contiguous() if missing else integers.contiguous()


def _unsigned(integers: Tensor) -> Tensor:
    """`integers` plus 128, since the kernel multiplies unsigned with signed bytes."""
    return integers.view(torch.uint8) ^ 128


def _padded(values: Tensor) -> Tensor:
    out = values.new_zeros(-(-len(values) // TILE) * TILE)
    out[: len(values)] = values.detach()
    return out


def _plan(weights: Tensor, scale: Tensor, bias: Tensor, outputs: int, widths: Sequence[int], activation: int) -> Tensor:
    """A plan of a matrix. The tensors must live as long as it does."""
    first, second, third = (*widths, *[0] * (3 - len(widths)))
    return _structure(
        "plan",
        weights=weights.data_ptr(),
        scale=scale.data_ptr(),
        bias=bias.data_ptr(),
        tiles=-(-outputs // TILE),
        outputs=outputs,
        activation=activation,
        first_width=first,
        second_width=second,
        third_width=third,
    )


def _structure(name: str, **fields: int) -> Tensor:
    """A struct of the kernel, its fields where the kernel says that they lie. Raises TypeError for other fields."""
    layout = _LAYOUTS[name]
    if fields.keys() != set(layout):
        raise TypeError(f"struct {name} has the fields {', '.join(layout)}, not {', '.join(fields)}")
    return torch.tensor([fields[field] for field in layout], dtype=torch.int64)


def _encoder_layer(forward: LSTMDirection, backward: LSTMDirection | None = None) -> Tensor:
    return _structure(
        "encoder_layer",
        inputs=forward.inputs.address,
        recurrent=forward.recurrent.address,
        backward_inputs=0 if backward is None else backward.inputs.address,
        backward_recurrent=0 if backward is None else backward.recurrent.address,
    )


def _norm(norm: torch.nn.LayerNorm) -> Tensor:
    return torch.cat((norm.weight.detach(), norm.bias.detach(), torch.tensor([norm.eps])))


def _address(tensor: Tensor | None) -> int:
    if tensor is not None and not tensor.is_contiguous():
        raise ValueError(f"the kernel reads contiguous tensors, not one of strides {tensor.stride()}")
    return 0 if tensor is None else tensor.data_ptr()
