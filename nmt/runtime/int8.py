"""The int8 runtime for a CPU: the same network as the reference, on the compiled kernel and without PyTorch.

Sources of its speed (Devlin 2017, "Sharp Models on Dull Hardware"; Senellart et al. 2018): int8 products; all gates of a
layer and its inputs in one product, its cell computed while the sums are in registers; keys computed once per sentence; only
a sentence's likely tokens scored, where there is a shortlist; no copies: hypotheses that change places, and sentences that
leave, are an index that the next product reads through; and few calls: a whole search is one, from source tokens to
candidates, and so is forced decoding; of any other search the beginning is one, a step of the decoder another, and ranking
a third.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nmt.config.vocabulary import PADDING_ID
from nmt.model import blueprint as plans
from nmt.model.blueprint import Blueprint, CannotExport
from nmt.model.shortlist import Shortlist
from nmt.runtime import kernels
from nmt.runtime.kernels import (
    UNITS,
    Activation,
    Floats,
    Integers,
    KernelDecoder,
    KernelEncoder,
    KernelLayer,
    KernelNetwork,
    KernelOutput,
    KernelShortlist,
    LSTMDirection,
    Matrix,
    TokenTable,
)
from nmt.search.candidate import Candidate
from nmt.search.dropped import Dropped
from nmt.search.forced_decoding import ForcedDecoding
from nmt.search.whole import Searching, WholeSearch

if TYPE_CHECKING:
    from nmt.runtime.cpu import CpuScorer


class Int8Network(Searching):
    """A network in int8. It keeps nothing between calls, so that threads may share one.

    With a shortlist, log-probabilities are over a sentence's own list of tokens, and sum to one there.
    """

    def __init__(self, parts: Int8Parts, shortlist: KernelShortlist | None = None) -> None:
        self.vocabulary_size = parts.output.outputs
        self._parts, self._shortlist = parts, shortlist
        self._network = KernelNetwork(**parts._asdict(), shortlist=shortlist)

    @classmethod
    def of(cls, blueprint: Blueprint, weights: Mapping[str, Floats]) -> Int8Network:
        """The network of a blueprint, with weights by their names.

        Raises CannotExport for one that the kernel cannot run, or whose weights do not fit each other.
        """
        if kernels.MISSING:
            raise CannotExport(kernels.MISSING)
        return cls(_Reader(weights).parts(blueprint))

    def restricted(self, shortlist: Shortlist, blueprint: Blueprint, weights: Mapping[str, Floats]) -> Int8Network:
        """A network of the same matrices that has a shortlist. Of the weights, none is kept."""
        output = blueprint.output
        table = TokenTable(weights[output.weight], None if output.bias is None else weights[output.bias])
        return Int8Network(self._parts, KernelShortlist(shortlist, table))

    def search(self, sources: Sequence[Sequence[int]], asked: WholeSearch, dropped: Dropped | None) -> list[list[Candidate]]:
        """Implements Searching.search."""
        return self._network.search(*_padded(sources), asked, dropped)

    def forced_log_probabilities(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        """Implements Searching.forced_log_probabilities."""
        found = self._network.force(*_padded(sources), *_padded(targets), details=False)
        return [tuple(row[: len(own)].tolist()) for row, own in zip(found.log_probabilities, targets, strict=True)]

    def forced_decodings(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[ForcedDecoding]:
        """Implements Searching.forced_decodings."""
        found = self._network.force(*_padded(sources), *_padded(targets), details=True)
        return [
            ForcedDecoding(
                log_probabilities=tuple(found.log_probabilities[row, : len(target)].tolist()),
                boosted=tuple(found.boosted[row, : len(target)].tolist()),
                confidences=tuple(found.confidences[row, : len(target)].tolist()),
                hits=tuple(found.hits[row, : len(target)].tolist()),
                attention=tuple(map(tuple, found.attention[row, : len(target), : len(source)].tolist())),
            )
            for row, (source, target) in enumerate(zip(sources, targets, strict=True))
        ]

    @cached_property
    def stepwise(self) -> CpuScorer:
        """Implements Searching.stepwise."""
        from nmt.runtime.cpu import CpuScorer

        return CpuScorer(
            self._network,
            self._parts.decoder,
            KernelOutput.of(self._parts.output),
            self._shortlist,
            vocabulary_size=self.vocabulary_size,
        )


def _padded(sequences: Sequence[Sequence[int]]) -> tuple[Integers, Integers]:
    """Token ids (B, longest), padded with PADDING_ID, and lengths (B,)."""
    lengths = np.array([len(sequence) for sequence in sequences])
    padded = np.full((len(sequences), lengths.max()), PADDING_ID)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return padded, lengths


class Int8Parts(NamedTuple):
    """The parts of a network that several shortlists may share, as KernelNetwork takes them."""

    encoder: KernelEncoder
    decoder: KernelDecoder
    output: Matrix
    keys: Matrix | None
    values: Matrix | None
    initial: Matrix | None


class _Reader:
    """Reads weights by a blueprint. The kernel trusts sizes, so each is compared with what it must be."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = weights

    def parts(self, plan: Blueprint) -> Int8Parts:
        vocabulary = len(self._weight(plan.output.weight, dimensions=2))
        encoder = self._encoder(plan.encoder, vocabulary)
        layers = plan.decoder.layers
        recurrent = sum(layer.kind != "feed-forward" for layer in layers)
        if not recurrent or any(layer.kind == "feed-forward" for layer in layers[:recurrent]):
            raise CannotExport("its decoder's layers are not recurrent ones and then feed-forward ones")
        units = self._units(layers[0])
        if units % UNITS:
            raise CannotExport(f"{units} units of decoder layers are not a multiple of {UNITS}")
        attention = plan.attention
        keys = self._optional(attention.keys, [encoder.width])
        values = self._optional(attention.values, [encoder.width])
        query = self._optional(attention.query, [units])
        context = values.outputs if values else encoder.width
        size = query.outputs if query else units  # of a query and of a key
        heads = attention.heads
        if (keys.outputs if keys else encoder.width) != size or (heads and (heads < 1 or size % heads or context % heads)):
            raise CannotExport("its attention compares vectors of different sizes")
        embedding = self._embedding(plan.decoder.embedding, vocabulary)
        width = embedding.shape[1]
        readout = self._matrix(plan.decoder.readout, [units, context], "tanh")
        first = [width, *([readout.outputs] if plan.decoder.feeding else [])]
        upper = [units, *([] if plan.decoder.feeding else [context])]
        made = [self._layer(layer, upper if index else first, units) for index, layer in enumerate(layers)]
        decoder = KernelDecoder(
            embedding=embedding,
            layers=made,
            units=units,
            readout=readout,
            residual=plan.decoder.residual,
            feeding=plan.decoder.feeding,
            query=query,
            vector=None if attention.vector is None else self._weight(attention.vector, 1, size).reshape(size),
            heads=heads,
        )
        return Int8Parts(
            encoder=encoder,
            decoder=decoder,
            output=self._matrix(plan.output, [readout.outputs]),
            keys=keys,
            values=values,
            initial=self._optional(plan.decoder.initial, [encoder.width], "tanh", outputs=recurrent * units),
        )

    def _encoder(self, plan: plans.EncoderPlan, vocabulary: int) -> KernelEncoder:
        embedding = self._embedding(plan.embedding, vocabulary)
        layers: list[list[LSTMDirection]] = []
        width = embedding.shape[1]
        for cells in plan.layers:
            units = [self._units(cell) for cell in cells]
            for size in units:
                if size % UNITS:
                    raise CannotExport(f"{size} units of encoder layers are not a multiple of {UNITS}")
            if len(cells) not in (1, 2) or len(set(units)) > 1 or (layers and sum(units) != width):
                raise CannotExport("its encoder's layers have different sizes")
            layers.append([LSTMDirection(self._lstm(cell, width, units[0])) for cell in cells])
            width = sum(units)
        if not layers:
            raise CannotExport("its encoder has no layer")
        return KernelEncoder(embedding=embedding, layers=layers, residual=plan.residual, mean=plan.summary == "mean")

    def _layer(self, plan: plans.Layer, widths: Sequence[int], units: int) -> KernelLayer:
        if self._units(plan) != units:
            raise CannotExport("its decoder's layers have different sizes")
        if isinstance(plan, plans.LSTM):
            inputs, recurrent, *biases = self._lstm(plan, sum(widths), units)
            weight = np.concatenate((inputs, recurrent), axis=1)
            return KernelLayer("lstm", Matrix(weight, biases[0] + biases[1], widths=[*widths, units], gates=True))
        norm = [self._weight(name, units) for name in (plan.norm.weight, plan.norm.bias)]
        return KernelLayer(
            plan.kind,
            self._matrix(plan.product, widths, outputs=(2 if plan.kind == "ssru" else 1) * units),
            np.concatenate((*norm, np.array([plan.norm.epsilon], np.float32))),
        )

    def _units(self, plan: plans.Layer) -> int:
        """H."""
        if isinstance(plan, plans.LSTM):
            return int(self._weight(plan.recurrent_weight, dimensions=2).shape[1])
        return len(self._weight(plan.norm.weight, dimensions=1))

    def _lstm(self, plan: plans.LSTM, width: int, units: int) -> list[Floats]:
        return [
            self._weight(plan.input_weight, 4 * units, width),
            self._weight(plan.recurrent_weight, 4 * units, units),
            self._weight(plan.input_bias, 4 * units),
            self._weight(plan.recurrent_bias, 4 * units),
        ]

    def _optional(
        self,
        plan: plans.Linear | None,
        widths: Sequence[int],
        activation: Activation = "none",
        *,
        outputs: int | None = None,
    ) -> Matrix | None:
        return None if plan is None else self._matrix(plan, widths, activation, outputs=outputs)

    def _matrix(
        self, plan: plans.Linear, widths: Sequence[int], activation: Activation = "none", *, outputs: int | None = None
    ) -> Matrix:
        weight = self._weight(plan.weight, outputs, sum(widths))
        bias = None if plan.bias is None else self._weight(plan.bias, len(weight))
        return Matrix(weight, bias, widths=widths, activation=activation)

    def _embedding(self, name: str, vocabulary: int) -> Floats:
        """(V, E)."""
        return np.ascontiguousarray(self._weight(name, vocabulary, None))

    def _weight(self, name: str, *shape: int | None, dimensions: int | None = None) -> Floats:
        """The weight of a name, whose shape has these sizes; None stands for any."""
        weight = self._weights.get(name)
        if weight is None:
            raise CannotExport(f"there is no weight {name}")
        wanted = shape or (None,) * (dimensions or 0)
        if len(weight.shape) != len(wanted) or any(
            size not in (None, own) for size, own in zip(wanted, weight.shape, strict=True)
        ):
            raise CannotExport(f"the weight {name} of shape {list(weight.shape)} does not fit the others")
        return weight
