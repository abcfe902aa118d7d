"""Dynamic batching: sentences of all requests wait in one place and are translated together.

The unit of work is the sentence, and its cost is counted as `nmt.translate.cost` says. A batch starts as soon as the
translator is free, without waiting for company; what arrives meanwhile makes the next one. Clients have equal shares of the
work, and so have the requests of a client, so that a word typed on the page does not wait behind somebody's book. Each
sentence keeps its own required phrases; sentences whose other options are the same share batches.

    admit: is there time for it?  ──>  answer: wait in line  ──>  batch  ──>  outcome of each sentence

An accepted request is answered in time: the queue never holds more than can be done in half of the time that a request has,
and one that has waited for that half goes first. A batch that takes long lets short ones of other clients in between two of
its steps.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from nmt.errors import NmtError
from nmt.translate.ask import Ask
from nmt.translate.cost import SearchSize
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator

from .clients import CLIENT, Client
from .errors import Overloaded, RequestTooLarge
from .metrics import Metrics
from .settings import Settings

logger = logging.getLogger(__name__)

T = TypeVar("T")
Outcome = SentenceTranslation | Exception

FIRST_SPEED = 50_000.0
"""Cost per second of one batch, until it is measured."""
FULL_BATCH = 20_000
"""Cost of about 64 sentences with 5 hypotheses each: what the guess counts for."""
MEMORY = 10.0
"""Seconds of work after which a measurement counts for a third of what it did."""
SLICE = 0.1
"""Seconds for which a batch runs before it lets another in."""
GUEST_COST = 20_000
"""Greatest cost of a batch that is let in; it takes a fraction of a second."""
BACKGROUND = 8.0
"""Weight of the work that nobody waits for in the share of its client."""


@dataclass(eq=False, slots=True, kw_only=True)
class _Job:
    """An ask, and how far it has come."""

    number: int
    translator: Translator
    ask: Ask
    sizes: list[SearchSize]
    client: Client
    arrived: float
    """When its request came, by the clock of the event loop."""
    done: asyncio.Future[None]
    waiting: list[int]
    """Positions of sentences that have not started, shortest last: neighbours in a batch are of like length."""
    left: int
    """Cost of these."""
    outcomes: dict[int, SentenceTranslation] = field(default_factory=dict)
    served: float = 0.0
    """Cost of what has started, counted from the line's clock when it came."""

    def goes_with(self, other: _Job) -> bool:
        mine, others = self.ask, other.ask
        return self.translator is other.translator and (mine.attention, mine.options) == (others.attention, others.options)

    def next_size(self) -> SearchSize:
        """The size of the sentence that is to start next."""
        return self.sizes[self.waiting[-1]]


@dataclass(eq=False, slots=True)
class _Line:
    """The waiting jobs of a client, by number."""

    served: float
    """Cost of what has started, counted as for a job."""
    clock: float = 0.0
    """The smallest `served` of its jobs when one of them was served last; a new job begins there."""
    jobs: dict[int, _Job] = field(default_factory=dict)

    def rank(self, client: Client) -> tuple[float, bool]:
        """The least goes first."""
        return self.served, not client.is_interactive


Item = tuple[_Job, int]
"""A sentence: its job, and its position there."""


@dataclass(eq=False, slots=True)
class Batch:
    """Sentences that are translated together. Its thread takes guests, and writes what stands below `gone`."""

    items: list[Item]
    is_guest: bool = False
    guests: deque[Batch] = field(default_factory=deque)
    """Batches to run between two steps of this one."""
    guest: Batch | None = None
    """The one that runs, or ran last."""
    gone: frozenset[int] = frozenset()
    """Numbers of the items that nobody waits for any more."""
    beat: float | None = None
    """When it came to its latest step, by time.monotonic; None before it has a thread."""
    slice_began: float = 0.0
    is_long: bool = False
    """Whether it has run for SLICE since it last let another in."""
    lent: float = 0.0
    """Seconds that went to guests."""

    @property
    def translator(self) -> Translator:
        return self.items[0][0].translator

    @property
    def clients(self) -> set[Client]:
        return {job.client for job, _ in self.items}

    @property
    def cost(self) -> int:
        return sum(job.sizes[position].cost for job, position in self.items)

    @property
    def can_pause(self) -> bool:
        """Whether other batches may run between its steps: graphs of a GPU belong to one search at a time."""
        return not self.is_guest and self.translator.runtime != "graphs"


class Scheduler:
    """Lives on one event loop, and runs translators in `worker`.

    A batch has all threads, and runs alone. Only the int8 runtime has one thread for a batch, and runs as many batches at
    a time as there are threads.
    """

    def __init__(self, settings: Settings, metrics: Metrics, worker: Executor) -> None:
        self._settings, self._metrics, self._worker = settings, metrics, worker
        self._lines: dict[Client, _Line] = {}
        self._clock = 0.0  # of clients, as a line has one of its jobs
        self._numbers = itertools.count()
        self.running: list[Batch] = []
        """Batches that have been given to the worker; guests are not among them."""
        self._sentences = 0  # that wait
        self._load: dict[Translator, int] = {}  # cost of what waits or runs
        self._speeds: dict[str, Speed] = {}  # of one batch at a time, by model

    @property
    def waiting(self) -> int:
        """Sentences that have not started."""
        return self._sentences

    def admit(self, costs: Mapping[Translator, int]) -> None:
        """Check the cost of a request against the limits, and against the time that is left for it.

        Raises RequestTooLarge where it is more than one request may have, Overloaded where others come first.
        """
        cost, limit = sum(costs.values()), min(self._settings.max_cost, self._settings.queue_cost)
        if cost > limit:
            raise RequestTooLarge(cost=cost, limit=limit)
        seconds, time_limit = self._seconds(costs), self._settings.request_timeout / 2
        if seconds > time_limit:
            raise RequestTooLarge(cost=cost, limit=int(cost * time_limit / seconds))
        own, load = self._load_of(CLIENT.get()), self._load
        late = _excess(self._seconds(own), seconds, self._seconds(load), time_limit)
        large = _excess(sum(own.values()), cost, sum(load.values()), self._settings.queue_cost)
        if late > 0 or large > 0:
            wait = max(late, seconds * large / max(cost, 1))
            raise Overloaded(waiting=self._sentences, retry_after=min(60, 1 + int(wait)))

    def _seconds(self, costs: Mapping[Translator, int]) -> float:
        """The time that work takes at the speed that was measured."""
        return sum(cost / self._speed(translator) for translator, cost in costs.items() if cost)

    def _speed(self, translator: Translator) -> float:
        """Cost per second of all the batches that run at a time."""
        measured = self._speeds.get(translator.name)
        return (measured.value if measured else FIRST_SPEED) * self._at_once(translator)

    def _load_of(self, client: Client) -> dict[Translator, int]:
        """Cost of what waits of a client."""
        load: dict[Translator, int] = {}
        line = self._lines.get(client)
        for job in line.jobs.values() if line else ():
            load[job.translator] = load.get(job.translator, 0) + job.left
        return load

    async def answer(
        self, translator: Translator, ask: Ask, sizes: list[SearchSize], *, arrived: float | None = None
    ) -> list[SentenceTranslation]:
        """The translation of each sentence of `ask`, in order; `sizes` are theirs, `arrived` is when their request came.

        When the caller is cancelled, its sentences are dropped, those that are being translated after their next step.
        Raises what the translator raises for one of the sentences.
        """
        positions = range(len(ask.sentences))
        if not positions:
            return []
        loop = asyncio.get_running_loop()
        job = _Job(
            number=next(self._numbers),
            translator=translator,
            ask=ask,
            sizes=sizes,
            client=CLIENT.get(),
            arrived=loop.time() if arrived is None else arrived,
            done=loop.create_future(),
            waiting=sorted(positions, key=lambda position: sizes[position].tokens, reverse=True),
            left=sum(size.cost for size in sizes),
        )
        self._queue(job)
        try:
            self._start()
            await job.done
        finally:
            self._drop(job)
        return [job.outcomes[position] for position in positions]

    async def run(self, work: Callable[[], T]) -> T:
        """Run other work of a model in the threads of the translators, after the batches that wait for one."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    # --- the line ---

    def _queue(self, job: _Job) -> None:
        line = self._lines.setdefault(job.client, _Line(self._clock))
        job.served = line.clock
        line.jobs[job.number] = job
        self._load[job.translator] = self._load.get(job.translator, 0) + job.left
        self._count(len(job.waiting))

    def _leave(self, job: _Job) -> None:
        line = self._lines[job.client]
        del line.jobs[job.number]
        if not line.jobs:
            del self._lines[job.client]

    def _count(self, sentences: int) -> None:
        self._sentences += sentences
        self._metrics.queue_sentences.set(self._sentences)
        self._metrics.queue_cost.set(sum(self._load.values()))

    def _unload(self, translator: Translator, cost: int) -> None:
        self._load[translator] -= cost
        if not self._load[translator]:
            del self._load[translator]  # a translator that was replaced must not be kept

    def _drop(self, job: _Job) -> None:
        """Forget the sentences of a job that have not come to their end."""
        if job.waiting:
            self._leave(job)
            self._unload(job.translator, job.left)
            self._metrics.dropped.inc(len(job.waiting))
            dropped = len(job.waiting)
            job.waiting.clear()
            self._count(-dropped)
        if len(job.outcomes) < len(job.ask.sentences):
            for batch in self._batches():
                gone = {number for number, (own, _) in enumerate(batch.items) if own is job}
                self._metrics.interrupted.inc(len(gone - batch.gone))
                batch.gone |= gone

    def _batches(self) -> Iterator[Batch]:
        for batch in self.running:
            yield batch
            yield from tuple(batch.guests)  # from which the thread of the batch takes some meanwhile
            if batch.guest is not None:
                yield batch.guest

    def _first(self, may_start: Callable[[_Job], bool] = lambda _: True) -> _Job | None:
        """The job whose turn it is, among those that may start."""
        old = asyncio.get_running_loop().time() - self._settings.request_timeout / 2
        jobs = [
            (line.rank(client), job.served, job.number, job)
            for client, line in self._lines.items()
            for job in line.jobs.values()
            if may_start(job)
        ]
        late = [job for *_, job in jobs if job.arrived < old and job.client.is_interactive]
        if late:
            return min(late, key=lambda job: job.arrived)
        return min(jobs)[-1] if jobs else None

    def _turns(self, first: _Job) -> Iterator[Item]:
        """Sentences that may share a batch with the first one of `first`, in the order of their clients' turns."""
        yield first, first.waiting[-1]
        taken = {first.number: 1}
        lines: list[tuple[tuple[float, bool], int, float, list[tuple[float, int, _Job]]]] = []
        for number, (client, line) in enumerate(self._lines.items()):
            jobs = [(job.served, job.number, job) for job in line.jobs.values() if job.goes_with(first)]
            if jobs:
                heapq.heapify(jobs)
                lines.append((line.rank(client), number, 1.0 if client.is_interactive else BACKGROUND, jobs))
        heapq.heapify(lines)
        while lines:
            (served, is_background), number, weight, jobs = lines[0]
            job_served, _, job = jobs[0]
            position = len(job.waiting) - 1 - taken.get(job.number, 0)
            if position < 0:
                heapq.heappop(jobs)
                if not jobs:
                    heapq.heappop(lines)
                continue
            item = job, job.waiting[position]
            cost = job.sizes[item[1]].cost
            heapq.heapreplace(jobs, (job_served + cost, job.number, job))
            heapq.heapreplace(lines, ((served + cost * weight, is_background), number, weight, jobs))
            taken[job.number] = taken.get(job.number, 0) + 1
            yield item

    def _take(self, first: _Job, *, most_cost: float = float("inf")) -> Batch:
        """The next batch: the first sentence of `first`, and those in line that pad it least.

        It is the greatest that the budget of tokens allows, as offline translation has it.
        """
        budget, most = self._settings.batch_tokens, self._settings.batch_sentences
        turns = list(itertools.islice(self._turns(first), 2 * most))
        seed = turns[0][0].sizes[turns[0][1]]
        candidates: list[tuple[bool, int, int, Item]] = []
        offered = seed.batch_tokens
        for number, (job, position) in enumerate(turns[1:]):
            size = job.sizes[position]
            offered += size.batch_tokens
            if offered > 2 * budget:
                break
            candidates.append((size.tokens > seed.tokens, abs(size.tokens - seed.tokens), number, (job, position)))
        chosen, size = [turns[0]], seed
        for *_, (job, position) in sorted(candidates, key=lambda candidate: candidate[:3]):
            together = size + job.sizes[position]
            if len(chosen) < most and together.batch_tokens <= budget and together.cost <= most_cost:
                chosen.append((job, position))
                size = together
        self._remove(chosen)
        return Batch(chosen)

    def _remove(self, items: list[Item]) -> None:
        """Take sentences out of the line, and charge them to their clients."""
        self._clock = max(self._clock, min(line.served for line in self._lines.values()))
        for line in {id(self._lines[job.client]): self._lines[job.client] for job, _ in items}.values():
            line.clock = max(line.clock, min(job.served for job in line.jobs.values()))
        taken: dict[_Job, set[int]] = {}
        for job, position in items:
            taken.setdefault(job, set()).add(position)
        for job, positions in taken.items():
            cost = sum(job.sizes[position].cost for position in positions)
            job.left -= cost
            job.served += cost
            job.waiting = [position for position in job.waiting if position not in positions]
            self._lines[job.client].served += cost * (1.0 if job.client.is_interactive else BACKGROUND)
            if not job.waiting:
                self._leave(job)
        self._count(-len(items))

    # --- batches ---

    def _at_once(self, translator: Translator) -> int:
        return translator.batches_at_once(self._settings.threads)

    def _start(self) -> None:
        while (first := self._first()) and len(self.running) < self._at_once(first.translator):
            self._give(self._take(first))
        if self._lines:
            self._lend()

    def _give(self, batch: Batch) -> None:
        self.running.append(batch)
        try:
            running = self._worker.submit(self._run, batch)
        except RuntimeError as error:  # there can be no new thread, or the worker is closed
            self._finish(batch, [error] * len(batch.items))
        else:
            loop = asyncio.get_running_loop()
            running.add_done_callback(lambda done: _call(loop, partial(self._finished, batch, done)))

    def _lend(self) -> None:
        """Let short sentences of other clients in between the steps of batches that take long."""
        for host in self.running:
            if not host.is_long or host.guests or not host.can_pause:
                continue
            clients = host.clients
            first = self._first(
                lambda job, clients=clients: (  # type: ignore[misc]
                    job.client not in clients and job.next_size().cost <= GUEST_COST and job.translator.runtime != "graphs"
                )
            )
            if first is None:
                continue
            guest = self._take(first, most_cost=GUEST_COST)
            guest.is_guest = True
            host.guests.append(guest)

    def _run(self, batch: Batch) -> list[Outcome]:
        """Translate a batch in a thread of the worker."""
        batch.beat = batch.slice_began = began = time.monotonic()
        loop = batch.items[0][0].done.get_loop()
        outcomes = self._attempt(batch, 0, len(batch.items), partial(self._between_steps, batch, loop))
        seconds = time.monotonic() - began - batch.lent
        if not batch.gone:
            self._measure(batch, seconds)
        self._metrics.batch_sentences.observe(len(batch.items))
        self._metrics.batch_seconds.observe(seconds)
        return outcomes

    def _attempt(self, batch: Batch, start: int, end: int, between_steps: Callable[[], frozenset[int]]) -> list[Outcome]:
        """The outcomes of some items of a batch. Where they fail together, each half again, until the culprit is alone."""

        def gone() -> frozenset[int]:
            found = between_steps()
            return frozenset(number - start for number in found) if found and start else found

        try:
            return list(_translate(batch.items[start:end], gone, budget=self._settings.batch_tokens))
        except Exception as error:
            if end - start == 1:
                return [error]
            middle = (start + end) // 2
            return [
                *self._attempt(batch, start, middle, between_steps),
                *self._attempt(batch, middle, end, between_steps),
            ]

    def _between_steps(self, batch: Batch, loop: asyncio.AbstractEventLoop) -> frozenset[int]:
        """What a batch does between two steps, in its thread: it lets others in, and drops what nobody waits for."""
        now = batch.beat = time.monotonic()
        if batch.guests:
            batch.guest = guest = batch.guests[0]
            batch.guests.popleft()
            batch.is_long = False
            _call(loop, partial(self._settle, guest, self._run(guest)))
            batch.slice_began = batch.beat = time.monotonic()
            batch.lent += batch.beat - now
        elif not batch.is_long and now - batch.slice_began > SLICE and batch.can_pause:
            batch.is_long = True
            _call(loop, self._start)
        return batch.gone

    def _measure(self, batch: Batch, seconds: float) -> None:
        self._speeds.setdefault(batch.translator.name, Speed()).measure(batch.cost, seconds)

    def _finished(self, batch: Batch, running: Future[list[Outcome]]) -> None:
        if running.cancelled():
            self._finish(batch, [RuntimeError("the worker was closed")] * len(batch.items))
            return
        error = running.exception()
        if error is None:
            self._finish(batch, running.result())
        else:
            self._finish(batch, [RuntimeError(f"{type(error).__name__} in the worker")] * len(batch.items))

    def _finish(self, batch: Batch, outcomes: list[Outcome]) -> None:
        self.running.remove(batch)
        for guest in batch.guests:  # that came too late to be let in
            guest.is_guest = False
            self._give(guest)
        self._start()
        self._settle(batch, outcomes)

    def _settle(self, batch: Batch, outcomes: list[Outcome]) -> None:
        self._unload(batch.translator, batch.cost)
        self._count(0)
        for number, ((job, position), outcome) in enumerate(zip(batch.items, outcomes, strict=True)):
            if number not in batch.gone:
                self._settle_item(job, position, outcome)

    def _settle_item(self, job: _Job, position: int, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            self._metrics.failed.inc()
            if not isinstance(outcome, NmtError):
                logger.error("model=%s error=%s while translating a sentence", job.translator.name, type(outcome).__name__)
            if not job.done.done():
                job.done.set_exception(outcome)
            return
        self._metrics.sentences.labels(job.translator.name).inc()
        self._metrics.characters.labels(job.translator.name).inc(len(job.ask.sentences[position].text))
        job.outcomes[position] = outcome
        if len(job.outcomes) == len(job.ask.sentences) and not job.done.done():
            job.done.set_result(None)


class Speed:
    """Cost per second of a model's batches, as it has been of late.

    It is the least squares fit of seconds = cost / speed, so large batches decide: a short one takes most of its time for
    what a batch costs whatever is in it, and says little of how fast a large one would be. The guess stays for as much as
    one full batch, so that a service which had short ones only does not take a large request for one without end.
    """

    def __init__(self) -> None:
        self._squares = self._products = 0.0  # sums of cost * cost, and of cost * seconds

    def measure(self, cost: int, seconds: float) -> None:
        kept = math.exp(-seconds / MEMORY)
        self._squares = self._squares * kept + cost * cost
        self._products = self._products * kept + cost * seconds

    @property
    def value(self) -> float:
        return (FULL_BATCH**2 + self._squares) / (FULL_BATCH**2 / FIRST_SPEED + self._products)


def _excess(own: float, new: float, load: float, limit: float) -> float:
    """The work that must be done before something `new` has room; 0 or less where it has room now.

    All that waits, `load`, stays below the limit; and a client's `own` share of it may be no more than what is left for
    others, so that there is always room for one who comes first (Choudhury and Hahne 1998).
    """
    if not load:
        return 0.0
    free = limit - load - new
    return max(-free, own + new - free if own else 0.0)


def _translate(items: list[Item], gone: Callable[[], frozenset[int]], *, budget: int) -> list[Outcome]:
    translator, ask = items[0][0].translator, items[0][0].ask
    sentences = tuple(job.ask.sentences[position] for job, position in items)
    translations = translator.attempt(
        Ask(sentences, ask.options, attention=any(job.ask.attention for job, _ in items)),
        batch_tokens=budget,  # the batch stays whole
        dropped=gone,
    )
    if len(translations) != len(sentences):
        raise RuntimeError(f"{len(translations)} outcomes of {len(sentences)} sentences")
    return list(translations)


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
        loop.call_soon_threadsafe(callback)
