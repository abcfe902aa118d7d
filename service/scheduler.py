"""Dynamic batching: sentences of all requests wait in one place and are translated together.

The unit is the sentence. A batch starts as soon as the translator is free, without waiting for company; what arrives
meanwhile makes the next batch. It takes sentences from the waiting requests in turn, one each, so that a word typed on
the page does not wait behind somebody's book. Each sentence keeps its own required phrases; sentences whose other options
are the same share batches.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from nmt.errors import NmtError
from nmt.translate.ask import Ask
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator
from service.errors import Overloaded, RequestTooLarge
from service.metrics import Metrics
from service.settings import Settings

logger = logging.getLogger(__name__)

T = TypeVar("T")
Outcome = SentenceTranslation | Exception


@dataclass(eq=False, slots=True)
class _Job:
    """An ask, and how far it has come."""

    translator: Translator
    ask: Ask
    waiting: list[int]
    """Positions of sentences that have not started, longest first: neighbours in a batch are of like length."""
    outcomes: dict[int, SentenceTranslation]
    done: asyncio.Future[None]

    def goes_with(self, other: _Job) -> bool:
        return self.translator is other.translator and self.ask.options == other.ask.options

    def length(self, position: int) -> int:
        """Characters of a sentence."""
        return len(self.ask.sentences[position].text)


Batch = list[tuple[_Job, int]]


class Scheduler:
    """Lives on one event loop, and runs translators in `worker`.

    A batch has all threads, and runs alone. Only the int8 runtime has one thread for a batch, and runs as many batches at
    a time as there are threads.
    """

    def __init__(self, settings: Settings, metrics: Metrics, worker: Executor) -> None:
        self._settings, self._metrics, self._worker = settings, metrics, worker
        self._jobs: deque[_Job] = deque()
        self._running = 0  # batches
        self._sentences = self._characters = 0
        self._characters_per_second = 1000.0  # of a batch, beside those at the same time; a guess, until measured

    def admit(self, translator: Translator, ask: Ask) -> None:
        """Check the first `ask` of a request against the queue.

        A plan's trials with required phrases repeat its sentences for each phrase; the sentences count once.
        Raises RequestTooLarge where they are more than the whole queue, Overloaded where they are more than its free part.
        """
        settings = self._settings
        own = [sentence for sentence in ask.sentences if sentence.required == ask.sentences[0].required]
        sentences, characters = len(own), sum(len(sentence.text) for sentence in own)
        if sentences > settings.queue_sentences or characters > settings.queue_characters:
            raise RequestTooLarge(
                sentences=sentences,
                characters=characters,
                most_sentences=settings.queue_sentences,
                most_characters=settings.queue_characters,
            )
        sentences_fit = self._sentences + sentences <= settings.queue_sentences
        if not sentences_fit or self._characters + characters > settings.queue_characters:
            speed = self._characters_per_second * self._at_once(translator)
            raise Overloaded(waiting=self._sentences, retry_after=min(60, 1 + int(self._characters / speed)))

    async def answer(self, translator: Translator, ask: Ask) -> list[SentenceTranslation]:
        """The translation of each sentence of `ask`, in order.

        When the caller is cancelled, sentences that have not started are dropped. Raises what the translator raises for one
        of the sentences.
        """
        positions = range(len(ask.sentences))
        if not positions:
            return []
        job = _Job(translator, ask, [], {}, asyncio.get_running_loop().create_future())
        job.waiting.extend(sorted(positions, key=job.length, reverse=True))
        self._jobs.append(job)
        self._count(len(positions), sum(map(job.length, positions)))
        try:
            self._start()
            await job.done
        finally:
            self._drop(job)
        return [job.outcomes[position] for position in positions]

    async def run(self, work: Callable[[], T]) -> T:
        """Run other work of a model in the threads of the translators, after the batches that wait for one."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _count(self, sentences: int, characters: int) -> None:
        self._sentences += sentences
        self._characters += characters
        self._metrics.queue_sentences.set(self._sentences)
        self._metrics.queue_characters.set(self._characters)

    def _drop(self, job: _Job) -> None:
        if job.waiting:
            self._jobs.remove(job)
            self._metrics.dropped.inc(len(job.waiting))
            self._count(-len(job.waiting), -sum(map(job.length, job.waiting)))
            job.waiting.clear()

    def _start(self) -> None:
        while self._jobs and self._running < self._at_once(self._jobs[0].translator):
            self._running += 1
            batch = self._take()
            running = asyncio.get_running_loop().run_in_executor(self._worker, self._run, batch)
            running.add_done_callback(partial(self._finish, batch))

    def _at_once(self, translator: Translator) -> int:
        return translator.batches_at_once(self._settings.threads)

    def _take(self) -> Batch:
        """The next batch: sentences of the job that has waited longest and of those that go with it, one of each in turn."""
        settings, first = self._settings, self._jobs[0]
        turn = deque(job for job in self._jobs if job.goes_with(first))
        batch: Batch = []
        longest = 0
        while turn and len(batch) < settings.batch_sentences:
            job = turn.popleft()
            length = max(longest, job.length(job.waiting[-1]))
            if batch and length * (len(batch) + 1) * first.ask.options.hypotheses > settings.batch_characters:
                continue
            longest = length
            batch.append((job, job.waiting.pop()))
            if job.waiting:
                turn.append(job)
        served = {id(job) for job, _ in batch}
        self._jobs = deque(
            [job for job in self._jobs if id(job) not in served]
            + [job for job in self._jobs if id(job) in served and job.waiting]
        )
        self._count(-len(batch), -sum(job.length(position) for job, position in batch))
        return batch

    def _run(self, batch: Batch) -> list[Outcome]:
        """Translate a batch in the worker; where that fails, each sentence alone, so that the culprit fails alone."""
        try:
            return list(self._measured(batch))
        except Exception as error:
            return [error] if len(batch) == 1 else [outcome for item in batch for outcome in self._run([item])]

    def _measured(self, batch: Batch) -> list[SentenceTranslation]:
        began = time.perf_counter()
        translations = _translate(batch, budget=self._settings.batch_characters)
        seconds = time.perf_counter() - began
        characters = sum(job.length(position) for job, position in batch)
        self._characters_per_second += 0.1 * (characters / max(seconds, 1e-6) - self._characters_per_second)
        self._metrics.batch_sentences.observe(len(batch))
        self._metrics.batch_seconds.observe(seconds)
        return translations

    def _finish(self, batch: Batch, running: asyncio.Future[list[Outcome]]) -> None:
        self._running -= 1
        self._start()
        error = running.exception()
        outcomes = [error] * len(batch) if isinstance(error, Exception) else running.result()
        for (job, position), outcome in zip(batch, outcomes, strict=True):
            self._settle(job, position, outcome)

    def _settle(self, job: _Job, position: int, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            self._metrics.failed.inc()
            if not isinstance(outcome, NmtError):
                logger.error("model=%s error=%s while translating a sentence", job.translator.name, type(outcome).__name__)
            if not job.done.done():
                job.done.set_exception(outcome)
            return
        self._metrics.sentences.labels(job.translator.name).inc()
        self._metrics.characters.labels(job.translator.name).inc(job.length(position))
        job.outcomes[position] = outcome
        if len(job.outcomes) == len(job.ask.sentences) and not job.done.done():
            job.done.set_result(None)


def _translate(batch: Batch, *, budget: int) -> list[SentenceTranslation]:
    translator, ask = batch[0][0].translator, batch[0][0].ask
    sentences = tuple(job.ask.sentences[position] for job, position in batch)
    translations = translator.answer(
        Ask(sentences, ask.options, attention=any(job.ask.attention for job, _ in batch)),
        batch_tokens=budget,  # there are fewer tokens than characters: the batch stays whole
    )
    if len(translations) != len(sentences):
        raise RuntimeError(f"{len(translations)} translations of {len(sentences)} sentences")
    return translations
