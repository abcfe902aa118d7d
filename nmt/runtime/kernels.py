"""Parts of a network in int8 for decoding on a CPU, over the compiled kernel: matrices, an encoder, a decoder, all of it.

A weight is int8 with one scale per output ("per channel"), an input int8 with one scale per row, found as it comes; sums are
exact integers. A row's result depends on that row alone, so it is the same in every batch.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from nmt.config.vocabulary import BEGIN_ID, END_ID
from nmt.errors import DeviceError
from nmt.model.quantise import quantise
from nmt.model.shortlist import Shortlist
from nmt.search.candidate import Candidate
from nmt.search.dropped import Dropped
from nmt.search.whole import Phrases, WholeSearch

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

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

_ROW_BYTES = 64  # a row of weights is padded to a multiple of it
_LINE = 64  # bytes of a cache line

Activation = Literal["none", "tanh", "relu"]
_ACTIVATIONS: dict[Activation, int] = {"none": 0, "tanh": 1, "relu": 2}


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of the input of a product: row n is values[index[n]], or values[n] without an index."""

    values: Floats  # (M, I), contiguous
    index: Integers | None = None  # (N,)


class Matrix:
    """y = activation(W [first | second | third] + b), packed for the kernel."""

    def __init__(
        self,
        weight: Floats,
        bias: Floats | None,
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
            weight = weight.reshape(4, -1, UNITS, weight.shape[1]).swapaxes(0, 1).reshape(weight.shape)
            bias = None if bias is None else bias.reshape(4, -1, UNITS).swapaxes(0, 1).flatten()
        self.outputs = len(weight)
        integers, scale = quantise(weight)
        self.weights = pack(integers)
        self.scale = _padded(scale)
        self.bias = _padded(np.zeros_like(scale) if bias is None else bias)
        self.plan = _plan(self.weights, self.scale, self.bias, self.outputs, widths, _ACTIVATIONS[activation])
        self.address = _address(self.plan)

    def __call__(self, rows: int, first: Rows, second: Rows | None = None) -> Floats:
        """(rows, N)."""
        out = np.empty((rows, self.outputs), np.float32)
        _kernel.linear(
            plan=self.address,
            rows=rows,
            first=_address(first.values),
            first_index=_address(first.index),
            second=0 if second is None else _address(second.values),
            second_index=0 if second is None else _address(second.index),
            third=0,
            third_index=0,
            out=_address(out),
        )
        return out


class LSTMDirection:
    """One direction of one encoder layer: the product with its inputs, biases included, and that with its state."""

    def __init__(self, weights: Sequence[Floats]) -> None:
        """weights: W_ih (4H, I), W_hh (4H, H), b_ih and b_hh (4H,) as PyTorch has them."""
        inputs, recurrent, *biases = weights
        self.units = recurrent.shape[1]
        self.inputs = Matrix(inputs, biases[0] + biases[1], widths=[inputs.shape[1]], gates=True)
        self.recurrent = Matrix(recurrent, None, widths=[self.units], gates=True)


class KernelEncoder:
    """An encoder: layers of one direction, or of a forward and a backward one."""

    def __init__(self, *, embedding: Floats, layers: Sequence[Sequence[LSTMDirection]], residual: bool, mean: bool) -> None:
        """embedding (V, E). With `mean` a sentence's summary is the mean of its states, else the top layer's last output."""
        self.width = sum(direction.units for direction in layers[-1])
        stacked = np.stack([_encoder_layer(*directions) for directions in layers])
        self._parts = embedding, layers, stacked  # what the plan points to
        self._plan = _structure(
            "encoder",
            embedding=_address(embedding),
            layers=_address(stacked),
            count=len(layers),
            residual=residual,
            mean=mean,
        )
        self.address = _address(self._plan)


class TokenTable:
    """The output matrix row by row, so that each sentence may have a list of tokens of its own."""

    def __init__(self, weight: Floats, bias: Floats | None) -> None:
        """weight (V, E), bias (V,) or None for zeros."""
        integers, self.scale = quantise(weight)
        self.bias = np.zeros_like(self.scale) if bias is None else np.ascontiguousarray(bias)
        self.width = weight.shape[1]
        self.rows = _unsigned(_multiples(integers, 1, _ROW_BYTES))

    def plan(self, scale: Floats, bias: Floats, columns: int) -> Integers:
        """The plan of lists of so many columns, whose scales and biases are (B, columns) each."""
        return _plan(self.rows, scale, bias, columns, [self.width], 0)


class KernelShortlist:
    """A shortlist, and the output matrix of the tokens in its lists."""

    def __init__(self, shortlist: Shortlist, table: TokenTable) -> None:
        self._table, self._shortlist = table, shortlist
        self._plan = table.plan(table.scale, table.bias, 0)
        self._structure = _structure(
            "shortlist",
            plan=_address(self._plan),
            scale=_address(table.scale),
            bias=_address(table.bias),
            common=_address(shortlist.common),
            translations=_address(shortlist.translations),
            common_count=len(shortlist.common),
            translation_count=shortlist.translations.shape[1],
            id_size=shortlist.common.itemsize,
            vocabulary=shortlist.vocabulary_size,
        )
        self.address = _address(self._structure)

    def select(self, source: Integers, lengths: Integers) -> tuple[KernelOutput, Integers]:
        """source (B, S), lengths (B,) -> the output of the sentences' lists, and these as `Shortlist.tokens` has them."""
        batch, steps = source.shape
        most = len(self._shortlist.common) + steps * self._shortlist.translations.shape[1]
        size = batch * -(-min(most, self._shortlist.vocabulary_size) // UNITS) * UNITS
        tokens, counts = np.empty(size, np.int64), np.empty(batch, np.int64)
        scale, bias = np.empty(size, np.float32), np.empty(size, np.float32)
        longest = _kernel.lists(
            shortlist=self.address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            tokens=_address(tokens),
            counts=_address(counts),
            scale=_address(scale),
            bias=_address(bias),
        )
        lists = tokens[: batch * longest].reshape(batch, longest)
        plan = self._table.plan(scale, bias, longest)
        return KernelOutput(plan, longest, lists, counts, (self, scale, bias)), lists


class KernelOutput:
    """The output matrix in a search: scores of all V tokens, or of the list of L that each sentence may use."""

    def __init__(self, plan: Integers, columns: int, lists: Integers | None, counts: Integers | None, parts: object) -> None:
        """A plan of so many columns, lists (M, L) int64 or None, the real tokens of each, counts (M,) int64 or None; and the
        arrays that the plan points to, kept alive."""
        self._plan, self._columns, self._lists, self._counts, self._parts = plan, columns, lists, counts, parts
        self._plan_address, self._lists_address, self._counts_address = _address(plan), _address(lists), _address(counts)

    @classmethod
    def of(cls, matrix: Matrix) -> Self:
        """Scores of all tokens."""
        return cls(matrix.plan, matrix.outputs, None, None, matrix)

    def log_probabilities(self, readout: int, sentences: Integers, beam: int) -> Floats:
        """Address of readouts (B·K, E), sentences (B,): which list each has -> (B, K, V or L)."""
        batch = len(sentences)
        out = np.empty((batch, beam, self._columns), np.float32)
        _kernel.log_probabilities(
            plan=self._plan_address,
            lists=self._lists_address,
            counts=self._counts_address,
            batch=batch,
            beam=beam,
            sentences=_address(sentences),
            readout=readout,
            out=_address(out),
        )
        return out

    def best(
        self, readout: int, sentences: Integers, beam: int, *, scores: Floats | None, only: Integers | None, count: int
    ) -> tuple[Floats, Integers, Integers]:
        """The `count` best continuations of each sentence as Ranking.best has them: scores, rows and tokens, (B, C) each."""
        batch = len(sentences)
        best = np.empty((batch, count), np.float32)
        rows, tokens = np.empty((batch, count), np.int64), np.empty((batch, count), np.int64)
        _kernel.best(
            plan=self._plan_address,
            lists=self._lists_address,
            counts=self._counts_address,
            batch=batch,
            beam=beam,
            sentences=_address(sentences),
            readout=readout,
            out=0,
            scores=_address(scores),
            only=_address(only),
            first=END_ID,
            count=count,
            best=_address(best),
            rows=_address(rows),
            tokens=_address(tokens),
        )
        return best, rows, tokens


@dataclass(frozen=True, slots=True)
class KernelLayer:
    """A layer of a decoder. Recurrent ones read their own hidden state as the last part of their input (LSTMs only)."""

    kind: Literal["lstm", "ssru", "feed-forward"]
    matrix: Matrix
    norm: Floats | None = None  # (2H + 1,) weight, bias and epsilon of the normalisation; all but LSTMs


class KernelMemory:
    """Source sentences as the decoder sees them: keys (M, S, A), values (M, S, C), lengths (M,) int64; all contiguous."""

    def __init__(self, keys: Floats, values: Floats, lengths: Integers) -> None:
        self.steps = keys.shape[1]
        self._parts = keys, values, lengths
        self._plan = _structure(
            "memory",
            keys=_address(keys),
            values=_address(values),
            lengths=_address(lengths),
            steps=self.steps,
            key_size=keys.shape[2],
            value_size=values.shape[2],
        )
        self.address = _address(self._plan)


class KernelDecoder:
    """A step of a whole decoder in one call, all but the output matrix.

    The state of N hypotheses is one array of N times `state_size` numbers: of each recurrent layer hidden state and cell,
    (N, H) each, then the readout (N, E).
    """

    def __init__(
        self,
        *,
        embedding: Floats,
        layers: Sequence[KernelLayer],
        units: int,
        readout: Matrix,
        residual: bool,
        feeding: bool,
        query: Matrix | None,
        vector: Floats | None,
        heads: int | None,
    ) -> None:
        """embedding (V, E). With `feeding` the readout is the second part of the first layer's input, and the top attends.

        Attention is of dot products, divided by sqrt(A / heads) with `heads`, or additive with a `vector` (A,).
        """
        kinds = {"lstm": 0, "ssru": 1, "feed-forward": 2}
        stacked = np.stack(
            [
                _structure("layer", plan=layer.matrix.address, kind=kinds[layer.kind], norm=_address(layer.norm))
                for layer in layers
            ]
        )
        recurrent = sum(layer.kind != "feed-forward" for layer in layers)
        self._parts = embedding, layers, stacked, readout, query, vector  # what the plan points to
        self._plan = _structure(
            "decoder",
            embedding=_address(embedding),
            layers=_address(stacked),
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
        self.address, self._units = _address(self._plan), 2 * recurrent * units
        self.state_size = self._units + readout.outputs

    def __call__(
        self, tokens: Integers, memory: KernelMemory, sentences: Integers, state: Floats, rows: Integers | None
    ) -> tuple[Floats, Floats]:
        """tokens (B, K) int64, sentences (B,) of the memory; row n of the state is row rows[n], or n without `rows`.

        Returns the state after, and the attention (B, K, S).
        """
        batch, beam = tokens.shape
        after = np.empty(batch * beam * self.state_size, np.float32)
        weights = np.empty((batch, beam, memory.steps), np.float32)
        _kernel.decode(
            decoder=self.address,
            memory=memory.address,
            batch=batch,
            beam=beam,
            sentences=_address(sentences),
            tokens=_address(tokens),
            rows=_address(rows),
            count=state.size // self.state_size,
            before=_address(state),
            after=_address(after),
            weights=_address(weights),
        )
        return after, weights

    def readout(self, state: Floats) -> int:
        """The address of the readouts (N, E) in a state."""
        return _address(state) + state.itemsize * (state.size // self.state_size) * self._units


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
        self._address = _address(self._structure)

    def start(self, source: Integers, lengths: Integers) -> tuple[KernelMemory, Floats]:
        """source (B, S), lengths (B,) -> the memory, and the state before the first token as KernelDecoder has it."""
        batch, steps = source.shape
        states = np.empty((batch, steps, self._encoder.width), np.float32)
        keys = states if self._keys is None else np.empty((batch, steps, self._keys.outputs), np.float32)
        values = states if self._values is None else np.empty((batch, steps, self._values.outputs), np.float32)
        state = np.empty(batch * self._decoder.state_size, np.float32)
        _kernel.start(
            network=self._address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            states=_address(states),
            keys=_address(keys),
            values=_address(values),
            state=_address(state),
        )
        return KernelMemory(keys, values, lengths), state

    def search(
        self, source: Integers, lengths: Integers, asked: WholeSearch, dropped: Dropped | None
    ) -> list[list[Candidate]]:
        """The candidates of a whole search: source (B, S), lengths (B,)."""
        batch, steps = source.shape
        limits, divisors = array("q", asked.limits), asked.divisors
        penalty = array("d", [asked.coverage_penalty]) if asked.coverage_penalty else None
        minimums = None if asked.minimums is None else array("q", asked.minimums)
        if len(limits) != batch or len(minimums or limits) != batch or len(divisors) <= max(limits):
            raise ValueError(f"limits, minimums or divisors are not those of {batch} sentences")
        columns = _kernel.search(
            network=self._address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            limits=_place(limits),
            minimums=_place(minimums),
            divisors=_place(divisors),
            coverage_penalty=_place(penalty),
            greedy=asked.greedy,
            beam=asked.beam_size,
            n_best=asked.n_best,
            attention=asked.attention,
            begin=BEGIN_ID,
            end=END_ID,
            no_repeat_ngram=asked.no_repeat_ngram,
            max_repeats=asked.max_repeats,
            **_phrases("prefix", asked.prefix, batch),
            **_phrases("forbidden", asked.forbidden, batch),
            **_phrases("required", asked.required, batch),
            dropped=dropped,
        )
        return _candidates(columns, lengths.tolist(), steps if asked.attention else 0)

    def force(
        self, source: Integers, lengths: Integers, targets: Integers, target_lengths: Integers, *, details: bool
    ) -> Forced:
        """Forced decoding: source (B, S), lengths (B,), targets (B, T) with END last, and their lengths (B,).

        Without `details` only log-probabilities.
        """
        batch, steps = source.shape
        if len(targets) != batch or len(lengths) != batch or len(target_lengths) != batch:
            raise ValueError(f"{len(targets)} targets for {batch} sources")
        shape = targets.shape if details else (0, 0)
        found = Forced(
            log_probabilities=np.zeros(targets.shape, np.float32),
            boosted=np.zeros(shape, np.float32),
            confidences=np.zeros(shape, np.float32),
            hits=np.zeros(shape, np.bool_),
            attention=np.zeros((*shape, steps), np.float32),
        )
        _kernel.force(
            network=self._address,
            batch=batch,
            steps=steps,
            source=_address(source),
            lengths=_address(lengths),
            target_steps=targets.shape[1],
            begin=BEGIN_ID,
            targets=_address(targets),
            target_lengths=_address(target_lengths),
            details=details,
            log_probabilities=_address(found.log_probabilities),
            boosted=_address(found.boosted),
            confidences=_address(found.confidences),
            hits=_address(found.hits),
            attention=_address(found.attention),
        )
        return found


@dataclass(frozen=True, slots=True)
class Forced:
    """What a network makes of given targets (B, T); all zero after a target's end, and empty where it was not asked for."""

    log_probabilities: Floats  # (B, T)
    boosted: Floats  # (B, T)
    confidences: Floats  # (B, T)
    hits: Array  # (B, T) bool
    attention: Floats  # (B, T, S)


def _phrases(name: str, phrases: Phrases | None, batch: int) -> dict[str, int]:
    """The addresses of the phrases of so many sentences, as keywords of the kernel's search."""
    if phrases is None:
        return dict.fromkeys((f"{name}_first", f"{name}_starts", f"{name}_tokens"), 0)
    first, starts, tokens = phrases.first, phrases.starts, phrases.tokens
    if len(first) != batch + 1 or len(starts) != first[-1] + 1 or len(tokens) != starts[-1]:
        raise ValueError(f"{name} phrases are not those of {batch} sentences")
    return {f"{name}_first": _place(first), f"{name}_starts": _place(starts), f"{name}_tokens": _place(tokens)}


def _place(values: array[Any] | None) -> int:
    """The address of an array's numbers."""
    return 0 if values is None else values.buffer_info()[0]


def _candidates(columns: Sequence[bytearray], source_lengths: Sequence[int], steps: int) -> list[list[Candidate]]:
    """The candidates of each sentence out of what the kernel's search returns; attention has so many `steps`, or none."""
    counts, lengths, tokens = (memoryview(column).cast("q").tolist() for column in columns[:3])
    scores, log_probabilities = (memoryview(column).cast("d").tolist() for column in columns[3:5])
    attention = None
    if steps:
        attention = np.frombuffer(columns[5], np.float32).reshape(-1, steps)  # (ΣT, S)
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


def pack(integers: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """int8 (N, I) in the kernel's tiles: uint8 (N / 64, I / 4, 4, 16, 4), both sizes padded with zeros."""
    padded = _multiples(integers, TILE, _ROW_BYTES)
    tiles = padded.reshape(-1, 4, 16, padded.shape[1] // 4, 4).transpose(0, 3, 1, 2, 4)
    return _unsigned(np.ascontiguousarray(tiles))


def _multiples(integers: npt.NDArray[np.int8], rows: int, columns: int) -> npt.NDArray[np.int8]:
    """`integers` (N, I) with zeros up to multiples of both sizes."""
    return np.pad(integers, [(0, -size % multiple) for size, multiple in zip(integers.shape, (rows, columns), strict=True)])


def _unsigned(integers: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """`integers` plus 128, since the kernel multiplies unsigned with signed bytes.

    They begin with a cache line: a vector that lies in two lines is read twice.
    """
    room = np.empty(integers.size + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    own = room[start : start + integers.size].reshape(integers.shape)
    return np.bitwise_xor(integers.view(np.uint8), np.uint8(128), out=own)


def _padded(values: Floats) -> Floats:
    return np.pad(values, (0, -len(values) % TILE))


def _plan(weights: Array, scale: Floats, bias: Floats, outputs: int, widths: Sequence[int], activation: int) -> Integers:
    """A plan of a matrix. The arrays must live as long as it does."""
    first, second, third = (*widths, *[0] * (3 - len(widths)))
    return _structure(
        "plan",
        weights=_address(weights),
        scale=_address(scale),
        bias=_address(bias),
        tiles=-(-outputs // TILE),
        outputs=outputs,
        activation=activation,
        first_width=first,
        second_width=second,
        third_width=third,
    )


def _structure(name: str, **fields: int) -> Integers:
    """A struct of the kernel, its fields where the kernel says that they lie. Raises TypeError for other fields."""
    layout = _LAYOUTS[name]
    if fields.keys() != set(layout):
        raise TypeError(f"struct {name} has the fields {', '.join(layout)}, not {', '.join(fields)}")
    return np.array([fields[field] for field in layout], np.int64)


def _encoder_layer(forward: LSTMDirection, backward: LSTMDirection | None = None) -> Integers:
    return _structure(
        "encoder_layer",
        inputs=forward.inputs.address,
        recurrent=forward.recurrent.address,
        backward_inputs=0 if backward is None else backward.inputs.address,
        backward_recurrent=0 if backward is None else backward.recurrent.address,
    )


def _address(array: Array | None) -> int:
    if array is None:
        return 0
    if not array.flags.c_contiguous:
        raise ValueError(f"the kernel reads contiguous arrays, not one of strides {array.strides}")
    return array.ctypes.data
