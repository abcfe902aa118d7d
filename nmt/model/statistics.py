"""What a network costs: parameters, floating-point operations, memory."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from nmt.model.language_model import LanguageModel
from nmt.model.seq2seq import Seq2Seq


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """Floating-point operations are two for each weight that a vector is multiplied with. Left out: the attention's
    products with the memory, which grow with the sentence, and element-wise work."""

    parameters: int
    sentence_flops: int
    """For each sentence: the decoder's initial state."""
    source_flops: int
    """For each source token: the encoder, and what the attention compares queries with."""
    step_flops: int
    """For each target token of each hypothesis: the decoder up to the output matrix."""
    output_flops: int
    """For the same: the output matrix, with the whole vocabulary."""
    memory_bytes: int
    """Of the weights in float32."""

    @property
    def flops_per_token(self) -> int:
        """Of the forward pass, for one source and one target token."""
        return self.source_flops + self.step_flops + self.output_flops

    def translation_flops(
        self, *, sentences: int, source_tokens: int, target_tokens: int, beam_size: int, vocabulary_share: float = 1.0
    ) -> float:
        """What translating cannot do without: `beam_size` hypotheses for each token of the best one, ends counted in.

        Steps that a search takes beyond its best hypothesis are not in it. `vocabulary_share` of the output matrix is
        multiplied with, as by a shortlist.
        """
        step = self.step_flops + vocabulary_share * self.output_flops
        return sentences * self.sentence_flops + source_tokens * self.source_flops + beam_size * target_tokens * step


def statistics(model: Seq2Seq | LanguageModel) -> ModelStatistics:
    """Counted on the network itself. In a language model every token is a target token."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    initial = source = 0
    if isinstance(model, Seq2Seq):
        decoder, attention = model.decoder, model.decoder.attention
        of_a_source_token = [model.encoder, *(getattr(attention, f"{name}_projection", None) for name in ("key", "value"))]
        source = sum(_products(module) for module in of_a_source_token)
        initial = _products(decoder.initial)
    output = _products(model.output)
    return ModelStatistics(
        parameters=parameters,
        sentence_flops=initial,
        source_flops=source,
        step_flops=_products(model) - source - initial - output,
        output_flops=output,
        memory_bytes=4 * parameters,
    )


def _products(network: nn.Module | None) -> int:
    """Operations of one vector through each matrix of `network`, embeddings left out."""
    if network is None:
        return 0
    return 2 * sum(
        parameter.numel()
        for module in network.modules()
        if isinstance(module, (nn.Linear, nn.LSTM))
        for parameter in module.parameters(recurse=False)
        if parameter.dim() == 2
    )
