"""A language model: how probable a sentence is in the target language, whatever the source says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nmt.model.cells.cell import Cell, CellState
from nmt.model.description import stack_description
from nmt.model.dropout import Dropout, WordDropout
from nmt.model.modules import Modules, matrix_weights
from nmt.model.network import Network, Products


@dataclass(frozen=True, slots=True)
class LanguageModelState:
    """The recurrent state of N prefixes. A value: nothing is kept on the module."""

    cells: tuple[CellState, ...]  # one per layer

    def select(self, rows: Tensor) -> LanguageModelState:
        """Row n of the result is row rows[n]; rows (N',) int64."""
        return LanguageModelState(cells=tuple(cell.select(rows) for cell in self.cells))

    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors, each with N as its first size, layer by layer."""
        return tuple(tensor for cell in self.cells for tensor in cell.tensors())

    def of_tensors(self, tensors: Iterable[Tensor]) -> LanguageModelState:
        """A state of `tensors`, which another state of the same network gave."""
        rest = iter(tensors)
        return LanguageModelState(cells=tuple(cell.of_tensors(rest) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a language model makes of B sequences of T tokens."""

    vectors: Tensor  # (B, T, E): what the output matrix reads, before dropout
    features: Tensor  # (B, T, E): the same after dropout
    state: LanguageModelState  # after the last token


class LanguageModel(Network):
    """p(sentence), one token at a time: stacked recurrent layers over embeddings (Sundermeyer et al. 2012).

    The readout tanh(W h) has embedding size, and the output matrix may be the embedding (Press and Wolf 2017): the decoder
    of a translation model without a source. Without a readout the output matrix reads the last layer, which then has
    embedding size (Merity et al. 2018). T tokens, E embedding, H hidden, V vocabulary.
    """

    def __init__(
        self,
        *,
        embedding: nn.Embedding,
        layers: Iterable[Cell[Any]],
        readout: nn.Linear | None,
        output: nn.Linear,
        word_dropout: WordDropout,
        embedding_dropout: Dropout,
        dropout: Dropout,
        output_dropout: Dropout,
        residual: bool,
    ) -> None:
        super().__init__()
        self.residual = residual
        self.embedding = embedding
        self.word_dropout = word_dropout
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.output_dropout = output_dropout
        self.layers: Modules[Cell[Any]] = Modules(layers)
        self.readout = readout
        self.output = output

    def read(self, tokens: Tensor, state: LanguageModelState | None = None) -> Reading:
        """tokens (B, T) int64, which go on after `state`; without one they begin with BEGIN_ID.

        Padding can then be left out of the largest product, that of the features with the output matrix.
        """
        before = [None] * len(self.layers) if state is None else state.cells
        output, after = self.embedding_dropout(self.word_dropout(self.embedding(tokens))), []
        for index, (cell, own) in enumerate(zip(self.layers, before, strict=True)):
            upper, above = cell(self.dropout(output) if index else output, own)
            output = self._above(index, upper, output)
            after.append(above)
        vectors = self._vectors(output)
        return Reading(vectors=vectors, features=self.output_dropout(vectors), state=LanguageModelState(cells=tuple(after)))

    def forward(self, prefix: Tensor) -> Tensor:
        """prefix (B, T) int64 from BEGIN_ID on -> logits of the token after each of its positions (B, T, V)."""
        logits: Tensor = self.output(self.read(prefix).features)
        return logits

    def _above(self, index: int, upper: Tensor, lower: Tensor) -> Tensor:
        """Output of a layer, with its input where that is added."""
        return upper + lower if self.residual and index and upper.shape == lower.shape else upper

    def _vectors(self, output: Tensor) -> Tensor:
        return output if self.readout is None else torch.tanh(self.readout(output))

    def start(self, rows: int) -> LanguageModelState:
        """The state of `rows` empty prefixes."""
        zeros = self.output.weight.new_zeros
        return LanguageModelState(cells=tuple(cell.start(zeros(rows, cell.hidden_size)) for cell in self.layers))

    def step(self, tokens: Tensor, state: LanguageModelState) -> tuple[Tensor, LanguageModelState]:
        """tokens (N,) int64 -> logits (N, V), new state: the numbers of `forward`, one token at a time, outside training."""
        output, after = self.embedding(tokens), []
        for index, (cell, before) in enumerate(zip(self.layers, state.cells, strict=True)):
            upper, above = cell.step(output, before)
            output = self._above(index, upper, output)
            after.append(above)
        logits: Tensor = self.output(self._vectors(output))
        return logits, LanguageModelState(cells=tuple(after))

    @property
    def architecture(self) -> tuple[tuple[str, str], ...]:
        cells = [cell.description for cell in self.layers]
        tied = "tied to the output" if self.embedding.weight is self.output.weight else "not tied"
        return (
            ("layers", stack_description(cells, [cell.hidden_size for cell in self.layers])),
            ("embeddings", f"{self.embedding.embedding_dim}, {tied}"),
        )

    @property
    def products(self) -> Products:
        return Products(step=sum(cell.products for cell in self.layers) + matrix_weights(self.readout))
