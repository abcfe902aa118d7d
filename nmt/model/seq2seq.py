"""The whole network: encoder, attention, decoder and output matrix."""

from __future__ import annotations

from torch import Tensor, nn

from nmt.config.recipe import ModelConfig
from nmt.config.vocabulary import PADDING_ID
from nmt.model.attention import Memory
from nmt.model.decoder import Decoder, DecoderState
from nmt.model.encoder import Encoder


class Seq2Seq(nn.Module):
    """p(target | source), one token at a time (Bahdanau et al. 2015; Wu et al. 2016).

    B sentences, S source tokens, T target tokens, K hypotheses per sentence, V vocabulary, E embedding.
    """

    def __init__(self, config: ModelConfig, *, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = vocabulary_size
        source_embedding = build_embedding(vocabulary_size, config.embedding_size)
        target_embedding = (
            source_embedding if config.tied_embeddings == "all" else build_embedding(vocabulary_size, config.embedding_size)
        )
        self.encoder = Encoder(config, embedding=source_embedding)
        self.decoder = Decoder(config, embedding=target_embedding)
        self.output = nn.Linear(config.embedding_size, vocabulary_size)
        nn.init.zeros_(self.output.bias)
        if config.tied_embeddings == "none":
            nn.init.normal_(self.output.weight, std=config.embedding_size**-0.5)
        else:
            self.output.weight = target_embedding.weight

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """source (B, S) int64 padded with PADDING_ID, lengths (B,) int64, each at least 1."""
        states, mask, summary = self.encoder(source, lengths)
        attention = self.decoder.attention
        return Memory(values=attention.values(states), keys=attention.keys(states), mask=mask, summary=summary)

    def features(self, source: Tensor, lengths: Tensor, prefix: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, before the output matrix: (B, T, E), so that padding can be left out of the largest product."""
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

    def step(self, tokens: Tensor, state: DecoderState, memory: Memory) -> tuple[Tensor, DecoderState, Tensor]:
        """tokens (B, K) int64, state of B·K rows -> logits (B, K, V), new state, attention (B, K, S).

        The same numbers as `forward`, one token at a time, outside training.
        """
        readout, state, attention = self.decoder.step(tokens, state, memory)
        return self.output(readout), state, attention


def build_embedding(vocabulary_size: int, embedding_size: int) -> nn.Embedding:
    """Random embeddings whose squared length is near 1, as a tied output matrix needs them; padding's is zero."""
    embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PADDING_ID)
    nn.init.normal_(embedding.weight, std=embedding_size**-0.5)
    embedding.weight.data[PADDING_ID].zero_()
    return embedding
