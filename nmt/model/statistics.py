"""What a network costs: parameters, floating-point operations, memory."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from nmt.model.seq2seq import Seq2Seq


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    parameters: int
    flops_per_token: int
    """Of the forward pass, for one source and one target token: two for each weight that the token is multiplied with.
    Left out: the attention's products with the memory, which grow with the sentence, and element-wise work."""
    memory_bytes: int
    """Of the weights in float32."""


def statistics(model: Seq2Seq) -> ModelStatistics:
    """Counted on the network itself."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    decoder = model.decoder
    products = sum(
        parameter.numel()
        for module in model.modules()
        if isinstance(module, (nn.Linear, nn.LSTM))
        for parameter in module.parameters(recurse=False)
        if parameter.dim() == 2
    )
    if decoder.initial is not None:
        products -= decoder.initial.weight.numel()  # once per sentence
    return ModelStatistics(parameters=parameters, flops_per_token=2 * products, memory_bytes=4 * parameters)
