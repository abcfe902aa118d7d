"""The scorer that every other runtime is measured against: the model in plain PyTorch, on any device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nmt.model.attention import Memory
from nmt.model.decoder import DecoderState
from nmt.model.seq2seq import Seq2Seq
from nmt.search.scorer import State


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """The memory of B sentences, once each, and the decoder's state of their B·K hypotheses."""

    memory: Memory
    decoder: DecoderState
    beam: int  # K

    @property
    def shortlist(self) -> None:
        """As State.shortlist: every token has its column."""
        return None

    def reorder(self, rows: Tensor) -> ReferenceState:
        """As State.reorder: rows (B·K',) int64."""
        return ReferenceState(self.memory, self.decoder.select(rows), len(rows) // len(self.memory.mask))

    def keep(self, sentences: Tensor) -> ReferenceState:
        """As State.keep: sentences (B',) int64."""
        places = torch.arange(self.beam, device=sentences.device)
        rows = (sentences[:, None] * self.beam + places).flatten()  # (B'·K,)
        return ReferenceState(self.memory.keep(sentences), self.decoder.select(rows), self.beam)


class ReferenceScorer:
    """A Seq2Seq as a Scorer. It keeps nothing between calls, so that threads may share one."""

    def __init__(self, model: Seq2Seq) -> None:
        self._model = model

    @property
    def vocabulary_size(self) -> int:
        return self._model.vocabulary_size

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> ReferenceState:
        """As Scorer.start: source (B, S) and lengths (B,), int64, on the model's device."""
        memory = self._model.encode(source, lengths)
        return ReferenceState(memory, self._model.start(memory), 1)

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """As Scorer.step: tokens (B, K) -> log-probabilities (B, K, V) float32, state, attention (B, K, S)."""
        if not isinstance(state, ReferenceState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        logits, decoder, attention = self._model.step(tokens, state.decoder, state.memory)
        after = ReferenceState(state.memory, decoder, state.beam)
        return logits.float().log_softmax(dim=2), after, attention
