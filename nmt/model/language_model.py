"""A language model: how probable a sentence is in the target language, whatever the source says."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.config.recipe import LanguageModelConfig
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.recurrent import LSTMLayer
from nmt.model.seq2seq import build_embedding


@dataclass(frozen=True, slots=True)
class LanguageModelState:
    """The recurrent state of N prefixes. A value: nothing is kept on the module."""

    hidden: tuple[Tensor, ...]  # one (N, H) per layer
    cell: tuple[Tensor, ...]  # one (N, H) per layer

    def select(self, rows: Tensor) -> LanguageModelState:
        """Row n of the result is row rows[n]; rows (N',) int64."""
        return LanguageModelState(tuple(hidden[rows] for hidden in self.hidden), tuple(cell[rows] for cell in self.cell))


class LanguageModel(nn.Module):
    """p(sentence), one token at a time: stacked LSTM layers over embeddings (Sundermeyer et al. 2012).

    The readout tanh(W h) has embedding size, and the output matrix is the embedding (Press and Wolf 2017): the decoder
    of a translation model without a source. T tokens, E embedding, H hidden, V vocabulary.
    """

    def __init__(self, config: LanguageModelConfig, *, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.residual = config.residual
        self.embedding = build_embedding(vocabulary_size, config.embedding_size)
        self.word_dropout = WordDropout(probability=config.word_dropout)
        self.embedding_dropout = Dropout(probability=config.embedding_dropout, kind=config.dropout_kind)
        self.dropout = Dropout(probability=config.dropout, kind=config.dropout_kind)
        self.output_dropout = Dropout(probability=config.output_dropout, kind=config.dropout_kind)
        self.hidden_size = config.hidden_size
        self.first = LSTMLayer(input_size=config.embedding_size, hidden_size=config.hidden_size)
        self.upper = nn.ModuleList(
            LSTMLayer(input_size=config.hidden_size, hidden_size=config.hidden_size) for _ in range(config.layers - 1)
        )
        self.readout = nn.Linear(config.hidden_size, config.embedding_size)
        nn.init.xavier_uniform_(self.readout.weight)
        nn.init.zeros_(self.readout.bias)
        self.output = nn.Linear(config.embedding_size, vocabulary_size)
        nn.init.zeros_(self.output.bias)
        self.output.weight = self.embedding.weight

    def features(self, prefix: Tensor) -> Tensor:
        """As `forward`, before the output matrix: (B, T, E), so that padding can be left out of the largest product."""
        embedded = self.embedding_dropout(self.word_dropout(self.embedding(prefix)))
        output, _ = self.first(embedded)
        for layer in self.upper:
            upper, _ = layer(self.dropout(output))
            output = upper + output if self.residual else upper
        features: Tensor = self.output_dropout(torch.tanh(self.readout(output)))
        return features

    def forward(self, prefix: Tensor) -> Tensor:
        """prefix (B, T) int64 from BEGIN_ID on -> logits of the token after each of its positions (B, T, V)."""
        logits: Tensor = self.output(self.features(prefix))
        return logits

    def start(self, rows: int) -> LanguageModelState:
        """The state of `rows` empty prefixes."""
        zeros = (self.output.weight.new_zeros(rows, self.hidden_size),) * (1 + len(self.upper))
        return LanguageModelState(zeros, zeros)

    def step(self, tokens: Tensor, state: LanguageModelState) -> tuple[Tensor, LanguageModelState]:
        """tokens (N,) int64 -> logits (N, V), new state: the numbers of `forward`, one token at a time, outside training."""
        output, cell = self.first.step(self.embedding(tokens), (state.hidden[0], state.cell[0]))
        hiddens, cells = [output], [cell]
        for layer, hidden, cell in zip(self.upper, state.hidden[1:], state.cell[1:], strict=True):
            assert isinstance(layer, LSTMLayer)
            hidden, cell = layer.step(output, (hidden, cell))
            hiddens.append(hidden)
            cells.append(cell)
            output = hidden + output if self.residual else hidden
        logits: Tensor = self.output(torch.tanh(self.readout(output)))
        return logits, LanguageModelState(tuple(hiddens), tuple(cells))
