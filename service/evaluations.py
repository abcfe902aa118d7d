"""Evaluations of given translations, as jobs that clients ask for until they are done."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from nmt.translate.translator import PairScore

from .errors import Broken, Overloaded, ServiceError
from .translating import Translating

logger = logging.getLogger(__name__)

KEPT = 24 * 3600.0
"""Seconds for which a finished job can be asked for."""
MOST_JOBS = 1_000
_RETRY_AFTER = 5


@dataclass(eq=False, slots=True)
class Job:
    id: str
    task: asyncio.Task[list[PairScore]]
    began: float = field(default_factory=time.monotonic)


class Evaluations:
    """Jobs of this process, one after the other. They end with it."""

    def __init__(self, translating: Translating) -> None:
        self._translating = translating
        self._jobs: dict[str, Job] = {}
        self._turn = asyncio.Lock()

    def submit(self, pairs: Sequence[tuple[str, str]], *, source: str, target: str) -> Job:
        """A new job, which scores `pairs` of a source and its translation. Raises NotReady, UnknownPair, Overloaded."""
        self._translating.find(source, target)
        self._forget()
        if len(self._jobs) >= MOST_JOBS:
            running = sum(not job.task.done() for job in self._jobs.values())
            raise Overloaded(waiting=running, retry_after=_RETRY_AFTER)
        job = Job(str(uuid.uuid4()), asyncio.create_task(self._run(pairs, source, target)))
        self._jobs[job.id] = job
        return job

    def find(self, identifier: str) -> Job | None:
        """The job of that identifier, unless it was too long ago."""
        self._forget()
        return self._jobs.get(identifier)

    def end(self) -> None:
        """Cancel what has not been done."""
        for job in self._jobs.values():
            job.task.cancel()

    async def _run(self, pairs: Sequence[tuple[str, str]], source: str, target: str) -> list[PairScore]:
        async with self._turn:
            return await self._translating.score(pairs, source=source, target=target)

    def _forget(self) -> None:
        oldest = time.monotonic() - KEPT
        self._jobs = {job.id: job for job in self._jobs.values() if job.began > oldest or not job.task.done()}


def failure(job: Job) -> str | None:
    """What went wrong with a job that is done; None where nothing did."""
    error = None if job.task.cancelled() else job.task.exception()
    if error is None:
        return "it was cancelled" if job.task.cancelled() else None
    if isinstance(error, ServiceError):
        return error.message
    logger.error("error=%s in an evaluation", type(error).__name__)
    return Broken().message
