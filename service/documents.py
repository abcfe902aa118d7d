"""Documents that are translated while their clients ask how far they are: jobs of this process, one after the other."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nmt.config.formality import Formality
from nmt.config.search import SearchOptions
from nmt.errors import NmtError
from nmt.translate.documents.formats import read_document
from nmt.translate.glossary import Glossary
from service.errors import BadText, Overloaded, ServiceError, UnknownDocument
from service.translating import Translating

logger = logging.getLogger(__name__)

KEPT = 3600.0
"""Seconds for which a document can be asked for."""
MOST_JOBS = 100
CHARACTERS_AT_ONCE = 2_000
"""Of segments that wait in the queue together, so that other requests come between."""


@dataclass(eq=False, slots=True, kw_only=True)
class DocumentJob:
    """A document on its way. Whoever asks for it has its identifier and its key."""

    name: str
    data: bytes
    source: str
    target: str
    glossary: Glossary | None
    formality: Formality
    options: SearchOptions
    id: str = field(default_factory=lambda: secrets.token_hex(16).upper())
    key: str = field(default_factory=lambda: secrets.token_hex(32).upper())
    began: float = field(default_factory=time.monotonic)
    has_started: bool = False
    characters: int = 0
    translated_characters: int = 0
    seconds: float = 0.0
    """Since the translation began."""
    result: bytes | None = None
    error: str | None = None

    @property
    def seconds_remaining(self) -> int:
        """What is left at the speed so far."""
        left = self.characters - self.translated_characters
        return 1 + int(left * self.seconds / self.translated_characters) if self.translated_characters else 1


class Documents:
    """The jobs of this process. They end with it."""

    def __init__(self, translating: Translating) -> None:
        self._translating = translating
        self._jobs: dict[str, DocumentJob] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def submit(self, job: DocumentJob) -> None:
        """Begin to translate a document. Raises Overloaded where too many are here already."""
        self._forget()
        if len(self._jobs) >= MOST_JOBS:
            raise Overloaded(waiting=len(self._jobs), retry_after=60)
        self._jobs[job.id] = job
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def find(self, identifier: str, key: str) -> DocumentJob:
        """Raises UnknownDocument where there is none, or its key is another."""
        self._forget()
        job = self._jobs.get(identifier)
        if job is None or not hmac.compare_digest(job.key.encode(), key.encode()):
            raise UnknownDocument(identifier)
        return job

    def take(self, job: DocumentJob) -> bytes:
        """The result of a job that is done; it can be had once."""
        assert job.result is not None
        del self._jobs[job.id]
        return job.result

    def end(self) -> None:
        """Cancel what has not been done."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, job: DocumentJob) -> None:
        async with self._turn:
            job.has_started = True
            try:
                job.result = await self._translated(job)
            except (ServiceError, NmtError) as error:
                job.error = str(error)
            except Exception as error:
                logger.error("error=%s while translating a document", type(error).__name__)
                job.error = "something went wrong here; the service's log says where"
            job.data = b""

    async def _translated(self, job: DocumentJob) -> bytes:
        document = await asyncio.to_thread(read_document, job.name, job.data, target_language=job.target)
        job.characters = sum(map(len, document.segments))
        began = time.monotonic()
        translations: list[str] = []
        for some in _portions(document.segments):
            while True:
                try:
                    translated = await self._translating.translate(
                        some,
                        job.options,
                        source=job.source,
                        target=job.target,
                        markup=document.markup,
                        glossary=job.glossary,
                        formality=job.formality,
                        interactive=False,
                    )
                    break
                except Overloaded as error:  # others come first
                    await asyncio.sleep(error.retry_after or 1)
            translations += [translation.text for translation in translated.translations]
            job.translated_characters += sum(map(len, some))
            job.seconds = time.monotonic() - began
        return await asyncio.to_thread(document.written, translations)

    def _forget(self) -> None:
        oldest = time.monotonic() - KEPT
        running = {job.id for job in self._jobs.values() if job.result is None and job.error is None}
        self._jobs = {job.id: job for job in self._jobs.values() if job.began > oldest or job.id in running}


def _portions(segments: Sequence[str]) -> Iterator[list[str]]:
    """The segments in order, a few thousand characters at a time."""
    portion: list[str] = []
    size = 0
    for segment in segments:
        if portion and size + len(segment) > CHARACTERS_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(segment)
        size += len(segment)
    if portion:
        yield portion


def checked_document(name: str, data: bytes, *, target: str) -> None:
    """Raises BadText for a file that is no document of its ending."""
    try:
        read_document(name, data, target_language=target)
    except NmtError as error:
        raise BadText(f"Invalid file: {error}") from error
