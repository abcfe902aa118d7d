"""Dynamic batching: sentences of all requests wait in one place and are translated together.

The unit is the sentence. A batch starts as soon as the translator is free, without waiting for company; what arrives
meanwhile makes the next batch. It takes sentences from the waiting requests in turn, one each, so that a word typed on
the page does not wait behind somebody's book.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from nmt.config.search import SearchOptions
from nmt.errors import NmtError
from nmt.translate.plan import Ask, Sentence
from nmt.translate.result import SentenceTranslation
from nmt.translate.translator import Translator
from service.errors import ApiError
from service.metrics import Metrics
from service.settings import Settings

logger = logging.getLogger(__name__)

Outcome = SentenceTranslation | Exception


@dataclass(eq=False, slots=True)
class _Job:
    """The sentences of one request."""

    translator: Translator
    options: SearchOptions
    attention: bool
    sentences: Sequence[Sentence]
    waiting: list[int]
    """Positions of sentences that have not started, longest first: neighbours in a batch are of like length."""
    outcomes: dict[int, SentenceTranslation]
    done: asyncio.Future[None]

    def goes_with(self, other: _Job) -> bool:
        return self.translator is other.translator and self.options == other.options


Batch = list[tuple[_Job, int]]


class Scheduler:
    """Lives on one event loop; `worker` is where translators run.

    One batch at a time, which has all threads, but for the int8 runtime: it has one thread for a batch, and as many batches
    at a time as there are threads.
    """

    def __init__(self, settings: Settings, metrics: Metrics, worker: Executor) -> None:
        self._settings, self._metrics, self._worker = settings, metrics, worker
        self._jobs: deque[_Job] = deque()
        self._running = 0  # batches
        self._sentences = self._characters = 0
        self._characters_per_second = 1000.0  # of a batch, beside those at the same time; a guess, until measured

    async def translate(self, translator: Translator, ask: Ask) -> list[SentenceTranslation]:
        """The translation of each sentence of `ask`, in order.

        Raises ApiError (429) where too much is waiting, and what the translator raised for any of the sentences. When
        the caller is cancelled, sentences that have not started are dropped.
        """
        sentences = ask.sentences
        if not sentences:
            return []
        self._admit(sentences, translator)
        done = asyncio.get_running_loop().create_future()
        job = _Job(
            translator=translator,
            options=ask.options,
            attention=ask.attention,
            sentences=sentences,
            waiting=sorted(range(len(sentences)), key=lambda position: -len(sentences[position].text)),
            outcomes={},
            done=done,
        )
        self._jobs.append(job)
        self._count(len(sentences), _characters(sentences))
        try:
            self._start()
            await done
        finally:
            self._drop(job)
        return [job.outcomes[position] for position in range(len(sentences))]

    def _admit(self, sentences: Sequence[Sentence], translator: Translator) -> None:
        characters, settings = _characters(sentences), self._settings
        if len(sentences) > settings.queue_sentences or characters > settings.queue_characters:
            message = f"{len(sentences):,} sentences with {characters:,} characters are too much for one request; at most "
            message += f"{settings.queue_sentences:,} with {settings.queue_characters:,} characters are taken at once"
            raise ApiError(413, "request_too_large", message)
        sentences_fit = self._sentences + len(sentences) <= settings.queue_sentences
        if not sentences_fit or self._characters + characters > settings.queue_characters:
            speed = self._characters_per_second * self._at_once(translator)
            wait = min(60, 1 + int(self._characters / speed))
            message = f"{self._sentences:,} sentences are waiting already; try again in {wait} s"
            raise ApiError(429, "too_busy", message, retry_after=wait)

    def _count(self, sentences: int, characters: int) -> None:
        self._sentences += sentences
        self._characters += characters
        self._metrics.queue_sentences.set(self._sentences)
        self._metrics.queue_characters.set(self._characters)

    def _drop(self, job: _Job) -> None:
        if job.waiting:
            self._jobs.remove(job)
            self._metrics.dropped.inc(len(job.waiting))
            self._count(-len(job.waiting), -_characters([job.sentences[position] for position in job.waiting]))
            job.waiting.clear()

    def _start(self) -> None:
        while self._jobs and self._running < self._at_once(self._jobs[0].translator):
            self._running += 1
            batch = self._take()
            running = asyncio.get_running_loop().run_in_executor(self._worker, self._run, batch)
            running.add_done_callback(partial(self._finish, batch))

    def _at_once(self, translator: Translator) -> int:
        return self._settings.threads if translator.runtime == "int8" else 1

    def _take(self) -> Batch:
        """The next batch: of the request that has waited longest, and of those that go with it, a sentence each in turn."""
        settings, first = self._settings, self._jobs[0]
        turn = deque(job for job in self._jobs if job.goes_with(first))
        batch: Batch = []
        longest = 0
        while turn and len(batch) < settings.batch_sentences:
            job = turn.popleft()
            length = max(longest, len(job.sentences[job.waiting[-1]].text))
            if batch and length * (len(batch) + 1) * first.options.hypotheses > settings.batch_characters:
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
        self._count(-len(batch), -_characters([job.sentences[position] for job, position in batch]))
        return batch

    def _run(self, batch: Batch) -> list[Outcome]:
        """Translate a batch in the worker. Where that fails, one by one: only the culprit's own request is to fail."""
        try:
            return list(self._measured(batch))
        except Exception as error:
            return [error] if len(batch) == 1 else [outcome for item in batch for outcome in self._run([item])]

    def _measured(self, batch: Batch) -> list[SentenceTranslation]:
        began = time.perf_counter()
        translations = _translate(batch, budget=self._settings.batch_characters)
        seconds = time.perf_counter() - began
        characters = _characters([job.sentences[position] for job, position in batch])
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
        self._metrics.characters.labels(job.translator.name).inc(len(job.sentences[position].text))
        job.outcomes[position] = outcome
        if len(job.outcomes) == len(job.sentences) and not job.done.done():
            job.done.set_result(None)


def _translate(batch: Batch, *, budget: int) -> list[SentenceTranslation]:
    first = batch[0][0]
    sentences = tuple(job.sentences[position] for job, position in batch)
    ask = Ask(sentences, first.options, attention=any(job.attention for job, _ in batch))
    # There are fewer tokens than characters: the batch stays whole.
    translations = first.translator.answer(ask, batch_tokens=budget)
    if len(translations) != len(sentences):
        raise RuntimeError(f"{len(translations)} translations of {len(sentences)} sentences")
    return translations


def _characters(sentences: Iterable[Sentence]) -> int:
    return sum(len(sentence.text) for sentence in sentences)
