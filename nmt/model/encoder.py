"""The encoder: source tokens to one state per token."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nmt.config.recipe import ModelConfig
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.recurrent import EncoderLayer
from nmt.model.stepped import lstm_layers


class Encoder(nn.Module):
    """A stack of LSTM layers over embedded source tokens (Wu et al. 2016, section 3.2)."""

    def __init__(self, config: ModelConfig, *, embedding: nn.Embedding) -> None:
        super().__init__()
        self.embedding = embedding
        self.residual = config.residual
        self.summary_kind = config.decoder_initial_state
        self.word_dropout = WordDropout(probability=config.source_word_dropout)
        self.embedding_dropout = Dropout(probability=config.embedding_dropout, kind=config.dropout_kind)
        self.dropout = Dropout(probability=config.dropout, kind=config.dropout_kind)
        make = lstm_layers(config, depth=config.encoder_transition_depth)
        self.layers = nn.ModuleList(
            EncoderLayer(
                make=make,
                input_size=config.embedding_size if index == 0 else config.encoder_hidden_size,
                hidden_size=config.encoder_hidden_size,
                bidirectional=config.encoder_bidirectional == "all"
                or (config.encoder_bidirectional == "first" and index == 0),
            )
            for index in range(config.encoder_layers)
        )

    def forward(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """source (B, S) int64, lengths (B,) -> states (B, S, H), mask (B, S) bool, summary (B, H)."""
        mask = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        states: Tensor = self.embedding_dropout(self.word_dropout(self.embedding(source)))
        last = states[:, 0]
        for index, layer in enumerate(self.layers):
            inputs = states if index == 0 else self.dropout(states)
            states, last = layer(inputs, lengths)
            if self.residual and index > 0:
                states = states + inputs
        if self.summary_kind == "last":
            return states, mask, last
        mean = (states * mask[:, :, None]).sum(dim=1) / lengths[:, None]
        return states, mask, mean
