"""Search step by step: the best target sequences of a batch of sources, for any scorer.

`run` is the whole way: hypotheses start, a step makes each one token longer, finished sentences leave the batch, and the
candidates are read from the trace of all steps. Beam search, greedy search and sampling are its methods.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import PADDING_ID
from nmt.errors import DeviceError
from nmt.search.beam import BeamSearch
from nmt.search.candidate import Candidate
from nmt.search.constraints import Constraints
from nmt.search.dropped import Dropped, dropped_of
from nmt.search.greedy import GreedySearch
from nmt.search.history import History
from nmt.search.length import normaliser, target_limits
from nmt.search.scorer import Scorer, State
from nmt.search.steps import Eager, Step, StepNumbers, Steps, steps_of
from nmt.search.trace import Finished, Trace

_log = logging.getLogger(__name__)

StepOutput = tuple[Tensor, Tensor | None, Tensor | None]
"""Tokens, parents and attention of one step, as `Trace.add` takes them."""


_NOBODY: frozenset[int] = frozenset()


class Hypotheses(Protocol):
    """The partial hypotheses of the sentences in a batch: tensors in frozen dataclasses."""

    def select(self, sentences: Tensor) -> Self:
        """Only these sentences, (B',) int64."""
        ...


H = TypeVar("H", bound=Hypotheses)


class Method(Protocol[H]):
    """A way to search: how hypotheses start, advance and end."""

    @property
    def scorer(self) -> Scorer: ...

    @property
    def options(self) -> SearchOptions: ...

    @property
    def attention(self) -> bool:
        """Whether candidates have their attention."""
        ...

    @property
    def hypotheses(self) -> int:
        """K, for each sentence."""
        ...

    def start(self, source: Tensor, source_lengths: Sequence[int], limits: Sequence[int], history: History | None) -> H:
        """The hypotheses before the first step: source (B, S) int64 and its lengths, limits as `target_limits` has them."""
        ...

    def step(self, *, at_limit: bool) -> Step[tuple[H, State], StepOutput]:
        """One token further; `at_limit` where some sentence has come to its limit."""
        ...

    def finished(self, hypotheses: H) -> list[bool]:
        """Of each sentence, whether more steps change nothing. Once true, it stays true."""
        ...

    def results(self, hypotheses: H, numbers: StepNumbers) -> list[list[Finished]]:
        """The finished hypotheses of each sentence, best first, after the step of these numbers."""
        ...

    def choose(self, found: list[list[Candidate]]) -> list[list[Candidate]]:
        """The candidates that are wanted of all that were found."""
        ...


@torch.inference_mode()
def search_by_steps(
    scorer: Scorer,
    sources: Sequence[Sequence[int]],
    options: SearchOptions,
    *,
    by_beam: bool,
    device: str,
    attention: bool,
    constraints: Sequence[Constraints],
    dropped: Dropped | None,
) -> list[list[Candidate]]:
    """As `nmt.search.search`, with one constraint for each sentence: by beam search, or by greedy search or sampling."""
    try:
        batch = padded(sources, device)
        with steps_of(scorer, batch[0].device) as steps:
            if by_beam:
                beam = BeamSearch(scorer, options, attention=attention, synchronous=steps.check_every == 1)
                return run(beam, *batch, steps=steps, constraints=constraints, dropped=dropped)
            greedy = GreedySearch(scorer, options, attention=attention)
            return run(greedy, *batch, steps=steps, constraints=constraints, dropped=dropped)
    except torch.OutOfMemoryError as error:
        if len(sources) == 1:
            size = f"a sentence of {len(sources[0])} tokens with a beam of {options.beam_size}"
            raise DeviceError(f"the device has too little memory for {size}; use a smaller beam, or device cpu") from error
    _log.warning("out of memory with a batch of %d sentences; trying again with halves of it", len(sources))
    middle = len(sources) // 2
    return [
        candidates
        for half in (slice(None, middle), slice(middle, None))
        for candidates in search_by_steps(
            scorer,
            sources[half],
            options,
            by_beam=by_beam,
            device=device,
            attention=attention,
            constraints=constraints[half],
            dropped=dropped_of(dropped, range(len(sources))[half]),
        )
    ]


def padded(sources: Sequence[Sequence[int]], device: str) -> tuple[Tensor, Tensor]:
    """Token ids (B, longest) padded with PADDING_ID, and lengths (B,); int64."""
    rows = pad_sequence([torch.tensor(source) for source in sources], batch_first=True, padding_value=PADDING_ID)
    return rows.to(device), torch.tensor([len(source) for source in sources], device=device)


def run(
    method: Method[H],
    source: Tensor,
    lengths: Tensor,
    *,
    steps: Steps,
    constraints: Sequence[Constraints],
    dropped: Dropped | None = None,
) -> list[list[Candidate]]:
    """The candidates of each sentence, best first: source (B, S) int64, lengths (B,) int64, constraints one for each.

    Every `steps.check_every` steps the host reads which sentences are finished, and takes them out of the batch; in between
    nothing waits for the device.
    """
    count = len(source)
    source, lengths = steps.pad(source, lengths)
    constraints = [*constraints, *[Constraints()] * (len(source) - count)]
    source_lengths: list[int] = lengths.tolist()
    limits = target_limits(source_lengths, method.options, [one.least_length for one in constraints])
    # A prefix and random draws make each step another one, so that there is no use in capturing it.
    eager_until = max(limits) if method.options.sampling else max(len(one.prefix) for one in constraints)
    trace = Trace(rows=len(source) * method.hypotheses, attention=method.attention)
    batch = RunningBatch(limits, steps)
    carry = _start(method, source, lengths, source_lengths, limits, constraints)

    step = 0
    while batch.sentences:
        step += 1
        numbers = StepNumbers(step, normaliser(step, method.options), trace.first_cell)
        runner = Eager() if step <= eager_until else steps
        carry, output = runner.run(method.step(at_limit=step >= batch.first_limit), carry, numbers)
        trace.add(*output)
        gone = _NOBODY if dropped is None else dropped()
        if step % steps.check_every == 0 or step >= batch.last_limit or batch.has_any(gone):
            carry = _drop_finished(method, carry, batch, trace, numbers, gone)
    return method.choose(trace.candidates(batch.results(), source_lengths))[:count]


def _start(
    method: Method[H],
    source: Tensor,
    lengths: Tensor,
    source_lengths: Sequence[int],
    limits: Sequence[int],
    constraints: Sequence[Constraints],
) -> tuple[H, State]:
    """The carry before the first step: K hypotheses for each sentence, and the scorer's state of them."""
    state = method.scorer.start(source, lengths)
    history = History.start(
        method.options,
        source,
        source_lengths,
        limits,
        method.hypotheses,
        constraints,
        vocabulary_size=method.scorer.vocabulary_size,
        shortlist=state.shortlist,
    )
    if method.hypotheses > 1:
        state = state.reorder(torch.arange(len(source), device=source.device).repeat_interleave(method.hypotheses))
    return method.start(source, source_lengths, limits, history), state


def _drop_finished(
    method: Method[H],
    carry: tuple[H, State],
    batch: RunningBatch,
    trace: Trace,
    numbers: StepNumbers,
    dropped: AbstractSet[int] = _NOBODY,
) -> tuple[H, State]:
    """The carry of the sentences that stay in the batch after the step of these numbers."""
    hypotheses, state = carry
    at_end = numbers.step >= batch.last_limit
    finished = [True] * len(batch.sentences) if at_end else method.finished(hypotheses)
    if dropped:
        finished = [done or sentence in dropped for done, sentence in zip(finished, batch.sentences, strict=True)]
    if not any(finished):
        return carry
    before = len(batch.sentences)
    rows = batch.remove(finished, lambda: method.results(hypotheses, numbers), dropped)
    if len(rows) == before:
        return carry
    trace.select(rows, method.hypotheses)
    sentences = torch.tensor(rows, dtype=torch.int64, device=trace.device)
    return hypotheses.select(sentences), state.keep(sentences)


class RunningBatch:
    """The sentences of a batch that are still searched, and the results of those that are finished.

    Finished sentences leave it as far as the batch may become smaller: `steps` may take some sizes only.
    """

    def __init__(self, limits: Sequence[int], steps: Steps) -> None:
        """`limits` has the most tokens of each sentence."""
        self._limits, self._steps = limits, steps
        self._results: dict[int, list[Finished]] = {}
        self.sentences = list(range(len(limits)))
        """The sentence in each row; none when all are finished."""
        self.first_limit, self.last_limit = min(limits), max(limits)
        """The smallest and the largest limit of the sentences that are not finished."""

    def has_any(self, sentences: AbstractSet[int]) -> bool:
        """Whether one of `sentences` is still searched."""
        return bool(sentences) and any(one in sentences and one not in self._results for one in self.sentences)

    def remove(
        self,
        finished: Sequence[bool],
        results: Callable[[], list[list[Finished]]],
        dropped: AbstractSet[int] = _NOBODY,
    ) -> list[int]:
        """The rows that stay, when `finished` is known of each row; `results()` are the results of each row now.

        A sentence that is finished stays so. One that is finished and still in the batch has the results that it had first.
        Sentences that are `dropped` have no results.
        """
        going = [row for row, done in enumerate(finished) if not done]
        done = [row for row, done in enumerate(finished) if done]
        new = [row for row in done if self.sentences[row] not in self._results]
        if not new:
            return list(range(len(finished)))
        found = [] if all(self.sentences[row] in dropped for row in new) else results()
        for row in new:
            self._results[self.sentences[row]] = [] if self.sentences[row] in dropped else found[row]
        limits = [self._limits[self.sentences[row]] for row in going]
        self.first_limit, self.last_limit = min(limits, default=0), max(limits, default=0)
        spare = self._steps.size(len(going)) - len(going) if going else 0
        rows = sorted([*going, *done[:spare]])
        self.sentences = [self.sentences[row] for row in rows]
        return rows

    def results(self) -> list[list[Finished]]:
        """The results of each sentence, in the order of the limits; when no sentence is left."""
        return [self._results[sentence] for sentence in range(len(self._limits))]
