"""Parts and costs of a network: parameters, floating-point operations, memory."""

from __future__ import annotations

from dataclasses import dataclass

from nmt.model.modules import matrix_weights
from nmt.model.network import Network


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
        output_flops=2 * matrix_weights(network.output),
        memory_bytes=4 * parameters,
    )
