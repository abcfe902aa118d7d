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
        """Implements State.shortlist: every token has its column."""
        return None

    def reorder(self, rows: Tensor) -> ReferenceState:
        """Implements State.reorder: rows (B·K',) int64."""
        beam = len(rows) // len(self.memory.mask)
        return ReferenceState(memory=self.memory, decoder=self.decoder.select(rows), beam=beam)

    def keep(self, sentences: Tensor) -> ReferenceState:
        """Implements State.keep: sentences (B',) int64."""
        places = torch.arange(self.beam, device=sentences.device)
        rows = (sentences[:, None] * self.beam + places).flatten()  # (B'·K,)
        return ReferenceState(memory=self.memory.keep(sentences), decoder=self.decoder.select(rows), beam=self.beam)


class ReferenceScorer:
    """A Seq2Seq as a Scorer. It keeps nothing between calls, so that threads may share one."""

    def __init__(self, model: Seq2Seq) -> None:
        self._model = model

    @property
    def vocabulary_size(self) -> int:
        return self._model.vocabulary_size

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> ReferenceState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64, on the model's device."""
        memory = self._model.encode(source, lengths)
        return ReferenceState(memory=memory, decoder=self._model.start(memory), beam=1)

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> log-probabilities (B, K, V) float32, state, attention (B, K, S)."""
        if not isinstance(state, ReferenceState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        logits, decoder, attention = self._model.step(tokens, state.decoder, state.memory)
        after = ReferenceState(memory=state.memory, decoder=decoder, beam=state.beam)
        return logits.float().log_softmax(dim=2), after, attention
