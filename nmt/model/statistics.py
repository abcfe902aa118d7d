"""Parts and costs of a network: parameters, floating-point operations, memory. Those of a plan need no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from nmt.model.blueprint import LSTM, Blueprint, Layer, Linear
from nmt.model.description import (
    decoder_description,
    embeddings_description,
    encoder_description,
    multi_head_description,
)

if TYPE_CHECKING:
    from nmt.model.network import Network

_WORDS = {"lstm": "LSTM", "ssru": "SSRU"}


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """Floating-point operations are two for each weight that a vector is multiplied with. Left out: the attention's
    products with the memory, which grow with the sentence, and element-wise work."""

    architecture: tuple[tuple[str, str], ...]
    """Label and value of each part, for people."""
    parameters: int
    sentence_flops: int
    """Operations for each sentence: the decoder's initial state."""
    source_flops: int
    """Operations for each source token: the encoder, and the keys and values of the attention."""
    step_flops: int
    """Operations for each target token of each hypothesis: the decoder up to the output matrix."""
    output_flops: int
    """Operations for each target token of each hypothesis: the output matrix, with the whole vocabulary."""
    memory_bytes: int
    """Bytes of the weights in float32."""

    @property
    def flops_per_token(self) -> int:
        """Operations of the forward pass for one source and one target token."""
        return self.source_flops + self.step_flops + self.output_flops

    def translation_flops(
        self, *, sentences: int, source_tokens: int, target_tokens: int, beam_size: int, vocabulary_share: float = 1.0
    ) -> float:
        """Operations that a translation cannot do without: `beam_size` hypotheses for each token of the best, ends included.

        Steps that a search takes beyond its best hypothesis are not in it. A shortlist has `vocabulary_share` of the
        output matrix multiplied.
        """
        step = self.step_flops + vocabulary_share * self.output_flops
        return sentences * self.sentence_flops + source_tokens * self.source_flops + beam_size * target_tokens * step


def statistics(network: Network) -> ModelStatistics:
    """Counted on the network itself. In a language model every token is a target token."""
    parameters, products = sum(parameter.numel() for parameter in network.parameters()), network.products
    return ModelStatistics(
        architecture=network.architecture,
        parameters=parameters,
        sentence_flops=2 * products.sentence,
        source_flops=2 * products.source,
        step_flops=2 * products.step,
        output_flops=2 * network.output.weight.numel(),
        memory_bytes=4 * parameters,
    )


def plan_statistics(plan: Blueprint, weights: Mapping[str, npt.NDArray[Any]]) -> ModelStatistics:
    """Counted on the weights that a plan names: the figures and words of `statistics` for the same network."""

    def units(layer: Layer) -> int:
        return weights[layer.recurrent_weight].shape[1] if isinstance(layer, LSTM) else len(weights[layer.norm.weight])

    def products(*parts: Linear | Layer | None) -> int:
        """Weights of the matrices of `parts`."""
        names: list[str] = []
        for part in parts:
            if isinstance(part, LSTM):
                names += (part.input_weight, part.recurrent_weight)
            elif part is not None:
                names.append(part.weight if isinstance(part, Linear) else part.product.weight)
        return sum(weights[name].size for name in names)

    encoder, attention, decoder = plan.encoder, plan.attention, plan.decoder
    cells = [cell for layer in encoder.layers for cell in layer]
    recurrent = [layer for layer in decoder.layers if layer.kind != "feed-forward"]
    vector = 0 if attention.vector is None else weights[attention.vector].size
    parameters = sum(weights[name].size for name in plan.names)
    return ModelStatistics(
        architecture=(
            (
                "encoder",
                encoder_description(
                    [[_WORDS[cell.kind] for cell in layer] for layer in encoder.layers],
                    [sum(map(units, layer)) for layer in encoder.layers],
                ),
            ),
            (
                "decoder",
                decoder_description(
                    [_WORDS[layer.kind] for layer in recurrent],
                    [units(layer) for layer in recurrent],
                    [units(layer) for layer in decoder.layers if layer.kind == "feed-forward"],
                    wiring="input-feeding" if decoder.feeding else "gnmt",
                ),
            ),
            ("attention", _attention_description(plan, weights)),
            (
                "embeddings",
                embeddings_description(
                    weights[decoder.embedding].shape[1],
                    source=encoder.embedding,
                    target=decoder.embedding,
                    output=plan.output.weight,
                ),
            ),
        ),
        parameters=parameters,
        sentence_flops=2 * products(decoder.initial),
        source_flops=2 * products(*cells, attention.keys, attention.values),
        step_flops=2 * (products(*decoder.layers, attention.query, decoder.readout) + vector),
        output_flops=2 * products(plan.output),
        memory_bytes=4 * parameters,
    )


def _attention_description(plan: Blueprint, weights: Mapping[str, npt.NDArray[Any]]) -> str:
    attention = plan.attention
    if attention.heads is not None and attention.values is not None:
        return multi_head_description(attention.heads, len(weights[attention.values.weight]))
    if attention.vector is not None:
        return "additive"
    return "dot" if attention.keys is None else "general"
