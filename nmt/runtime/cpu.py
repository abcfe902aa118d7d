"""The int8 runtime step by step, for searches that the kernel does not run whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from nmt.config.vocabulary import END_ID
from nmt.runtime.kernels import (
    Floats,
    KernelDecoder,
    KernelMemory,
    KernelNetwork,
    KernelOutput,
    KernelShortlist,
)
from nmt.search.scorer import Continuations, Ranking, State


@dataclass(frozen=True, slots=True)
class CpuState:
    """The decoder's state of B·K hypotheses; row n of it is row `rows[n]` of `values`, or row n without `rows`."""

    memory: KernelMemory  # of the M sentences of a batch, from its start to its end
    output: KernelOutput  # likewise
    sentences: Tensor  # (B,) int64: which sentence of the memory each is
    shortlist: Tensor | None  # (B, L) int64
    values: Floats  # as KernelDecoder has it
    rows: Tensor | None  # (B·K,) int64
    beam: int  # K

    def reorder(self, rows: Tensor) -> CpuState:
        """Implements State.reorder: rows (B·K',) int64."""
        rows = rows.contiguous()  # the kernel reads them by their address
        chosen, beam = rows if self.rows is None else self.rows[rows], rows.size(0) // self.sentences.size(0)
        return CpuState(
            memory=self.memory,
            output=self.output,
            sentences=self.sentences,
            shortlist=self.shortlist,
            values=self.values,
            rows=chosen,
            beam=beam,
        )

    def keep(self, sentences: Tensor) -> CpuState:
        """Implements State.keep: sentences (B',) int64."""
        rows = (sentences[:, None] * self.beam + torch.arange(self.beam)).flatten()  # (B'·K,)
        return replace(
            self,
            sentences=self.sentences[sentences],
            shortlist=None if self.shortlist is None else self.shortlist[sentences],
            rows=rows if self.rows is None else self.rows[rows],
        )


class CpuScorer(Ranking):
    """A network on the kernel as a Scorer. Tensors share their memory with the arrays that the kernel reads and writes."""

    def __init__(
        self,
        network: KernelNetwork,
        decoder: KernelDecoder,
        output: KernelOutput,
        shortlist: KernelShortlist | None,
        *,
        vocabulary_size: int,
    ) -> None:
        self._network, self._decoder, self._output, self._shortlist = network, decoder, output, shortlist
        self.vocabulary_size = vocabulary_size

    @torch.inference_mode()
    def start(self, source: Tensor, lengths: Tensor) -> CpuState:
        """Implements Scorer.start: source (B, S) and lengths (B,), int64."""
        tokens, counts = _array(source), _array(lengths)
        lists, output = None, self._output
        if self._shortlist is not None:
            output, lists = self._shortlist.select(tokens, counts)
        memory, values = self._network.start(tokens, counts)
        return CpuState(
            memory=memory,
            output=output,
            sentences=torch.arange(source.size(0)),
            shortlist=None if lists is None else torch.from_numpy(lists),
            values=values,
            rows=None,
            beam=1,
        )

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State, Tensor]:
        """Implements Scorer.step: tokens (B, K) -> log-probabilities (B, K, V or L) float32, state, attention (B, K, S)."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.readout(after.values)
        scores = after.output.log_probabilities(readout, _array(after.sentences), after.beam)
        return torch.from_numpy(scores), after, weights

    @torch.inference_mode()
    def best(
        self, tokens: Tensor, state: State, *, scores: Tensor | None, forced: Tensor | None, count: int
    ) -> tuple[Continuations, State, Tensor]:
        """Implements Ranking.best."""
        after, weights = self._advance(tokens, state)
        readout = self._decoder.readout(after.values)
        best, rows, own = after.output.best(
            readout,
            _array(after.sentences),
            after.beam,
            scores=None if scores is None else _array(scores),
            only=None if forced is None else _array(torch.where(forced, END_ID, 0)),
            count=count,
        )
        values = torch.from_numpy(best)
        return Continuations(values, values, torch.from_numpy(rows), torch.from_numpy(own)), after, weights

    def _advance(self, tokens: Tensor, state: State) -> tuple[CpuState, Tensor]:
        """tokens (B, K) -> state, attention (B, K, S)."""
        if not isinstance(state, CpuState):
            raise TypeError(f"a {type(state).__name__} is not a state that this scorer made")
        rows = None if state.rows is None else _array(state.rows)
        values, weights = self._decoder(_array(tokens), state.memory, _array(state.sentences), state.values, rows)
        after = CpuState(
            memory=state.memory,
            output=state.output,
            sentences=state.sentences,
            shortlist=state.shortlist,
            values=values,
            rows=None,
            beam=state.beam,
        )
        return after, torch.from_numpy(weights)


def _array(tensor: Tensor) -> Any:
    """The contiguous array of a tensor."""
    return tensor.contiguous().numpy()
