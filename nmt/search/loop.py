"""The search: the best target sequences of a batch of sources, for any scorer.

`run` is the whole way: hypotheses start, a step makes each one token longer, finished sentences leave the batch, and the
candidates are read from the trace of all steps. Beam search, greedy search and sampling are its methods. A scorer that can
run a plain search itself is asked for that instead (`nmt.search.plain`), and finds the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from nmt.config.search import SearchOptions
from nmt.errors import DeviceError
from nmt.search.beam import BeamSearch
from nmt.search.constraints import Constraints
from nmt.search.dropped import Dropped, dropped_of
from nmt.search.greedy import GreedySearch
from nmt.search.history import History
from nmt.search.length import normaliser, target_limits
from nmt.search.plain import PlainSearch, Searching
from nmt.search.scorer import Scorer, State
from nmt.search.steps import Eager, Step, StepNumbers, Steps, steps_of
from nmt.search.trace import Candidate, Finished, Trace

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
def search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    *,
    attention: bool = True,
    constraints: Sequence[Constraints] = (),
    dropped: Dropped | None = None,
) -> list[list[Candidate]]:
    """The `n_best` candidates of each sentence, best first; fewer only where fewer exist.

    source (B, S) int64 padded with PADDING_ID, lengths (B,) int64, each at least 1: an empty source is for the caller
    to answer. A sentence's candidates do not depend on the rest of its batch, where the scorer's numbers do not: on int8 to
    the bit, elsewhere but for rounding. With beam_size 1 the search is greedy; with sampling the candidates are drawn, and
    may be alike. `constraints` has one for each sentence, or is empty.
    Where the device has too little memory the batch is searched in parts; raises DeviceError where a sentence is too much.

    Sentences that are `dropped` leave the batch between two steps, without a candidate; the others stay as they are. A
    search that the scorer makes itself is a single step.

    A sentence has no candidate at all where forbidden tokens leave no way to all that are required, which a beam of at least
    one more than required tokens finds best. Raises ValueError for what `required` does not go with: sampling, groups.
    """
    if len(source) == 0:
        return []
    if int(lengths.min()) < 1:
        raise ValueError("search needs at least one token in each source sentence")
    if any(one.required for one in constraints) and (options.sampling or options.diversity_groups > 1):
        raise ValueError("required phrases are for beam search in one group")
    if dropped is not None and dropped() >= set(range(len(source))):
        return [[]] * len(source)
    constraints = constraints or [Constraints()] * len(source)
    try:
        return _search(scorer, source, lengths, options, attention, constraints, dropped)
    except torch.OutOfMemoryError as error:
        if len(source) == 1:
            size = f"a sentence of {source.shape[1]} tokens with a beam of {options.beam_size}"
            raise DeviceError(f"the device has too little memory for {size}; use a smaller beam, or device cpu") from error
    _log.warning("out of memory with a batch of %d sentences; trying again with halves of it", len(source))
    middle = len(source) // 2
    found: list[list[Candidate]] = []
    for half in (slice(None, middle), slice(middle, None)):
        found += search(
            scorer,
            source[half],
            lengths[half],
            options,
            attention=attention,
            constraints=constraints[half],
            dropped=dropped_of(dropped, range(len(source))[half]),
        )
    return found


def _search(
    scorer: Scorer,
    source: Tensor,
    lengths: Tensor,
    options: SearchOptions,
    attention: bool,
    constraints: Sequence[Constraints],
    dropped: Dropped | None,
) -> list[list[Candidate]]:
    """Each sentence by the method that it would have alone; a plain search by the scorer itself, where it can."""
    if isinstance(scorer, Searching):
        plain = PlainSearch.of(options, lengths.tolist(), constraints, attention=attention)
        if plain is not None:
            return scorer.search(source, lengths, plain, dropped)
    greedy = options.sampling or options.beam_size == 1
    # Greedy search stops at the first end. A required phrase needs a beam, be it of one, which may look further.
    by_beam = [not greedy or bool(one.required) for one in constraints]
    found: list[list[Candidate]] = [[]] * len(source)
    for chosen in sorted(set(by_beam)):
        rows = [row for row, own in enumerate(by_beam) if own is chosen]
        own, own_dropped = [constraints[row] for row in rows], dropped_of(dropped, rows)
        some = slice(None) if len(rows) == len(source) else rows
        batch = source[some], lengths[some]
        with steps_of(scorer, source.device) as steps:
            if chosen:
                beam = BeamSearch(scorer, options, attention=attention, synchronous=steps.check_every == 1)
                candidates = run(beam, *batch, steps=steps, constraints=own, dropped=own_dropped)
            else:
                greedy_search = GreedySearch(scorer, options, attention=attention)
                candidates = run(greedy_search, *batch, steps=steps, constraints=own, dropped=own_dropped)
        for row, each in zip(rows, candidates, strict=True):
            found[row] = [one for one in each if constraints[row].has_required(one.tokens)]
    return found


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
