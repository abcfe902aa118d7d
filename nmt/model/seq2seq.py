"""The whole network: encoder, attention, decoder and output matrix."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from nmt.config.vocabulary import END_ID
from nmt.model.attention import Memory
from nmt.model.decoder import Decoder, DecoderState
from nmt.model.description import embeddings_description
from nmt.model.encoder import Encoder
from nmt.model.end import EndOutput
from nmt.model.network import Network, Products


class Seq2Seq(Network):
    """p(target | source), one token at a time (Bahdanau et al. 2015; Wu et al. 2016).

    B sentences, S source tokens, T target tokens, K hypotheses per sentence, V vocabulary, E embedding.
    """

    def __init__(self, *, encoder: Encoder, decoder: Decoder, output: nn.Linear) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.output = output
        self.unsmoothed = END_ID if isinstance(output, EndOutput) else None

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """source (B, S) int64 padded with PADDING_ID, lengths (B,) int64, each at least 1."""
        return self.decoder.remember(*self.encoder(source, lengths))

    def features(self, source: Tensor, lengths: Tensor, prefix: Tensor) -> tuple[Tensor, Tensor]:
        """Input of the output matrix in `forward`, (B, T, E): padding can then be left out of the largest product."""
        readout, attention = self.decoder(prefix, self.encode(source, lengths))
        return self.decoder.output_dropout(readout), attention

    def forward(self, source: Tensor, lengths: Tensor, prefix: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher forcing: source (B, S), lengths (B,), prefix (B, T) from BEGIN_ID on.

        Returns logits of the token after each prefix position (B, T, V), and the attention (B, T, S).
        """
        features, attention = self.features(source, lengths, prefix)
        return self.output(features), attention

    def start(self, memory: Memory) -> DecoderState:
        """The decoder's state before the first token: one row per sentence."""
        return self.decoder.start(memory)

    def step(self, tokens: Tensor, state: Any, memory: Any) -> tuple[Tensor, DecoderState, Tensor]:
        """tokens (B, K) int64, state of B·K rows -> logits (B, K, V), new state, attention (B, K, S).

        The numbers of `forward`, one token at a time, outside training. Memory and state are those that this network made.
        """
        readout, state, attention = self.decoder.step(tokens, state, memory)
        return self.output(readout), state, attention

    @property
    def architecture(self) -> tuple[tuple[str, str], ...]:
        parts = [
            ("encoder", self.encoder.description),
            ("decoder", self.decoder.description),
            ("attention", self.decoder.attention_description),
            (
                "embeddings",
                embeddings_description(
                    self.decoder.embedding.embedding_dim,
                    source=id(self.encoder.embedding.weight),
                    target=id(self.decoder.embedding.weight),
                    output=id(self.output.weight),
                ),
            ),
        ]
        if isinstance(self.output, EndOutput):
            parts.append(("end", self.output.description))
        return tuple(parts)

    @property
    def products(self) -> Products:
        return Products(
            sentence=self.decoder.initial_products,
            source=self.encoder.products + self.decoder.source_products,
            step=self.decoder.step_products,
        )
