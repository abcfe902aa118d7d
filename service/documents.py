"""The translation of documents, as jobs that the state of the service keeps and clients ask for.

Each is queued, translated a few thousand characters at a time, and kept until its result is taken or its time is over. One
that was queued or being translated when the service ended is translated from its beginning once the service runs again.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal, TypeVar, get_args

from nmt.config.formality import Formality
from nmt.config.language import base_language
from nmt.config.search import SearchOptions
from nmt.errors import NmtError
from nmt.translate.documents.formats import ENDINGS, find_format, read_document
from nmt.translate.glossary import Glossary
from nmt.translate.source import AUTO

from .access import charged
from .errors import (
    BadText,
    BodyTooLarge,
    Broken,
    NotDone,
    NotReady,
    Overloaded,
    ServiceError,
    TooManyDocuments,
    UnknownDocument,
)
from .glossaries import parsed
from .settings import Settings
from .state import State
from .translating import Translating

logger = logging.getLogger(__name__)

T = TypeVar("T")
Status = Literal["queued", "translating", "done", "error"]

MOST_BYTES = 256 << 20
"""Of all documents and results that are kept."""
CHARACTERS_AT_ONCE = 2_000
"""Of segments that wait in the queue together, so that other requests come between."""
MOST_STARTS = 3
"""Of one job: a document that ends the service each time must not do so for ever."""
LONGEST_NAME = 255
_POLL = 1.0
"""Seconds after which the database is asked for work of other processes."""

# AUTOINCREMENT: the number of a document that is deleted while it is translated is never another's.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    key BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    model TEXT,
    formality TEXT NOT NULL,
    options TEXT NOT NULL,
    glossary TEXT,
    status TEXT NOT NULL CHECK (status IN {get_args(Status)}),
    starts INTEGER NOT NULL DEFAULT 0,
    characters INTEGER NOT NULL,
    translated INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    finished REAL,
    error TEXT,
    content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_by_status ON documents (status, number);
"""
_PROGRESS = "number, id, name, status, characters, translated, seconds, error"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOrder:
    """A document, and how it is to be translated."""

    name: str
    data: bytes
    source: str
    target: str
    options: SearchOptions
    model: str | None = None
    glossary: Glossary | None = None
    formality: Formality = "default"
    must_change: bool = False
    """Whether a document that is in the target language already is a mistake where its source is "auto"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentJob:
    """How far a document is."""

    number: int
    id: str
    name: str
    status: Status
    characters: int
    translated_characters: int
    seconds: float
    """Since the translation began."""
    error: str | None

    @property
    def seconds_remaining(self) -> int:
        """The rest at the speed so far."""
        left = self.characters - self.translated_characters
        return 1 + int(left * self.seconds / self.translated_characters) if self.translated_characters else 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """Identifier and secret key of a document. Whoever has the key may have the document."""

    id: str
    key: str
    characters: int


class Documents:
    """The jobs of all processes that share a state. `run` works them off, one after the other."""

    def __init__(self, settings: Settings, state: State, translating: Translating) -> None:
        self._settings, self._state, self._translating = settings, state, translating
        self._arrived = asyncio.Event()
        self._reading = asyncio.Lock()  # a document may unpack to hundreds of megabytes
        state.create(_SCHEMA)
        state.add_column("documents", "must_change INTEGER NOT NULL DEFAULT 0")

    async def submit(self, order: DocumentOrder, *, key: str | None = None) -> Receipt:
        """Queue a document, to be found by `key`.

        Raises NotReady, UnknownPair, UnknownModel, NoFormality, BadText for a file that is no document of its ending,
        BodyTooLarge, TooManyDocuments where too many are kept already, and what `charged` raises.
        """
        if len(order.data) > self._settings.max_document_bytes:
            raise BodyTooLarge(self._settings.max_document_bytes)
        self._translating.require_pair(order.source, order.target, model=order.model, formality=order.formality)
        async with self._reading:
            characters = await asyncio.to_thread(_characters, order)
        receipt = Receipt(secrets.token_hex(16).upper(), key or secrets.token_hex(32).upper(), characters)
        async with charged(characters, documents=1):
            await self._transact(lambda database: self._insert(database, order, receipt))
        self._arrived.set()
        return receipt

    async def find(self, key: str, identifier: str | None = None) -> DocumentJob:
        """Raises UnknownDocument where no job has this key, or that of this key has another identifier."""
        return await self._transact(lambda database: self._find(database, key, identifier))

    async def result(self, key: str, *, identifier: str | None = None, once: bool = True) -> tuple[DocumentJob, bytes]:
        """A job and its translated document. With `once`, both are forgotten then.

        Raises UnknownDocument, BadText where it could not be translated, and NotDone.
        """

        def take(database: sqlite3.Connection) -> tuple[DocumentJob, bytes]:
            job = self._find(database, key, identifier)
            if job.status == "error":
                raise BadText(job.error or "")
            if job.status != "done":
                raise NotDone(job.seconds_remaining)
            [(content,)] = database.execute("SELECT content FROM documents WHERE number = ?", (job.number,))
            if once:
                database.execute("DELETE FROM documents WHERE number = ?", (job.number,))
            return job, content

        return await self._transact(take)

    async def finished(self, key: str) -> DocumentJob:
        """A job, once it is done or has failed. Raises UnknownDocument."""
        pause = 0.02
        while (job := await self.find(key)).status in ("queued", "translating"):
            await asyncio.sleep(pause)
            pause = min(0.5, 1.5 * pause)
        return job

    async def delete(self, key: str) -> None:
        """Forget a document; if it is being translated, its translation ends. Raises UnknownDocument."""

        def delete(database: sqlite3.Connection) -> None:
            database.execute("DELETE FROM documents WHERE number = ?", (self._find(database, key).number,))

        await self._transact(delete)

    async def run(self) -> None:
        """Work off what is queued, until cancelled; then the document at hand is queued again.

        Of several processes that share a state, one does so at a time.
        """
        while True:
            try:
                if self._state.leads():
                    await self._work_off()
            except (OSError, sqlite3.Error) as error:  # such as a full disk, which may have room again
                logger.error("error=%s in the state of the service: %s", type(error).__name__, error)
            await asyncio.sleep(_POLL)

    async def _work_off(self) -> None:
        """Returns only by an error."""
        await self._transact(_requeue)
        while True:
            self._arrived.clear()
            job = await self._next()
            if job is not None:
                await self._run(job)
                continue
            try:
                async with asyncio.timeout(_POLL):
                    await self._arrived.wait()
            except TimeoutError:
                await self._transact(self._forget)

    async def _next(self) -> DocumentJob | None:
        return await self._transact(_claim)

    async def _run(self, job: DocumentJob) -> None:
        try:
            await self._finish(job, "done", content=await self._translated(job))
        except UnknownDocument:
            pass  # it was deleted meanwhile
        except sqlite3.Error:
            raise  # `run` begins anew: the state may be well again
        except (ServiceError, NmtError) as error:
            await self._finish(job, "error", error=str(error))
        except asyncio.CancelledError:
            # The service ends in an orderly way: this start does not count against the document.
            with self._state.transaction() as database:
                database.execute(
                    "UPDATE documents SET status = 'queued', starts = starts - 1 "
                    "WHERE number = ? AND status = 'translating'",
                    (job.number,),
                )
            raise
        except Exception as error:
            logger.error("error=%s while translating a document", type(error).__name__)
            await self._finish(job, "error", error=Broken().message)

    async def _finish(self, job: DocumentJob, status: Status, *, content: bytes = b"", error: str | None = None) -> None:
        values = (status, content, error, time.time(), job.number)
        await self._transact(
            lambda database: database.execute(
                "UPDATE documents SET status = ?, content = ?, error = ?, finished = ? WHERE number = ?", values
            )
        )

    async def _translated(self, job: DocumentJob) -> bytes:
        order = await self._transact(lambda database: _order(database, job))
        async with self._reading:
            document = await asyncio.to_thread(read_document, order.name, order.data, target_language=order.target)
        began = time.monotonic()
        translations: list[str] = []
        languages: set[str] = set()
        done = 0
        for segments in _portions(document.segments):
            while True:
                try:
                    translated = await self._translating.translate(
                        segments,
                        order.options,
                        source=order.source,
                        target=order.target,
                        model=order.model,
                        markup=document.markup,
                        glossary=order.glossary,
                        formality=order.formality,
                        interactive=False,
                    )
                    break
                except (NotReady, Overloaded) as error:  # others come first
                    await asyncio.sleep(error.retry_after or 1)
            translations += [translation.text for translation in translated.translations]
            languages |= {one.language for one in translated.translations if any(map(str.isalpha, one.source))}
            done += sum(map(len, segments))
            await self._progress(job, done, time.monotonic() - began)
        if order.must_change and order.source == AUTO and languages == {base_language(order.target)}:
            language = translated.translator.target_language_name
            raise BadText(f"Source and target language are the same: the document is in {language} already")
        return await asyncio.to_thread(document.written, translations)

    async def _progress(self, job: DocumentJob, characters: int, seconds: float) -> None:
        """Raises UnknownDocument where the job has been deleted."""

        def update(database: sqlite3.Connection) -> None:
            values = (characters, seconds, job.number)
            if not database.execute("UPDATE documents SET translated = ?, seconds = ? WHERE number = ?", values).rowcount:
                raise UnknownDocument(job.id)

        await self._transact(update)

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction, in a thread: the database takes a while."""

        def run() -> T:
            with self._state.transaction() as database:
                return work(database)

        return await asyncio.to_thread(run)

    def _insert(self, database: sqlite3.Connection, order: DocumentOrder, receipt: Receipt) -> None:
        self._forget(database)
        [(count, size)] = database.execute("SELECT COUNT(*), COALESCE(SUM(LENGTH(content)), 0) FROM documents")
        if count >= self._settings.max_documents or size + len(order.data) > MOST_BYTES:
            raise TooManyDocuments(kept=count)
        row: Mapping[str, Any] = {
            "id": receipt.id,
            "key": _digest(receipt.key),
            "name": order.name,
            "source": order.source,
            "target": order.target,
            "model": order.model,
            "formality": order.formality,
            "must_change": order.must_change,
            "options": order.options.model_dump_json(exclude_unset=True),
            "glossary": None if order.glossary is None else order.glossary.text("tsv"),
            "status": "queued",
            "characters": receipt.characters,
            "content": order.data,
        }
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        database.execute(f"INSERT INTO documents ({names}) VALUES ({marks})", row)

    def _find(self, database: sqlite3.Connection, key: str, identifier: str | None = None) -> DocumentJob:
        self._forget(database)
        row = database.execute(f"SELECT {_PROGRESS} FROM documents WHERE key = ?", (_digest(key),)).fetchone()
        job = None if row is None else _job(row)
        if job is None or identifier not in (None, job.id):
            raise UnknownDocument(identifier or key)
        return job

    def _forget(self, database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM documents WHERE finished < ?", (time.time() - self._settings.documents_kept,))


def file_name(given: str) -> str:
    """The name of an uploaded file, without folders; it goes into a header of the answer that has the document.

    Raises BadText where it will not do, and where no format has its ending.
    """
    name = PurePosixPath(PureWindowsPath(given).name).name
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise BadText(
            f"Invalid file: its name should have at most {LONGEST_NAME} characters, and none that cannot be printed"
        )
    if find_format(name) is None:
        ending = PurePosixPath(name).suffix.lower()
        raise BadText(f"Invalid file: the file extension {ending!r} is none of {', '.join(ENDINGS)}")
    return name


def _digest(key: str) -> bytes:
    # Keys are long and random: who reads the database cannot find them out. A surrogate is in none.
    return hashlib.sha256(key.encode(errors="replace")).digest()


def _characters(order: DocumentOrder) -> int:
    """Of all segments. Raises BadText for a file that is no document of its ending."""
    try:
        document = read_document(order.name, order.data, target_language=order.target)
    except NmtError as error:
        raise BadText(f"Invalid file: {error}") from error
    return sum(map(len, document.segments))


def _requeue(database: sqlite3.Connection) -> None:
    """Queue the documents of a process that ended while it translated them, unless that happened too often."""
    error = f"the service ended {MOST_STARTS} times while it translated this document, which is given up"
    database.execute(
        "UPDATE documents SET status = 'error', error = ?, content = '', finished = ? "
        "WHERE status = 'translating' AND starts >= ?",
        (error, time.time(), MOST_STARTS),
    )
    database.execute("UPDATE documents SET status = 'queued', translated = 0, seconds = 0 WHERE status = 'translating'")


def _claim(database: sqlite3.Connection) -> DocumentJob | None:
    """Begin the job that has waited longest."""
    row = database.execute(
        "UPDATE documents SET status = 'translating', starts = starts + 1 "
        f"WHERE number = (SELECT MIN(number) FROM documents WHERE status = 'queued') RETURNING {_PROGRESS}"
    ).fetchone()
    return None if row is None else _job(row)


def _job(row: tuple[Any, ...]) -> DocumentJob:
    number, identifier, name, status, characters, translated, seconds, error = row
    return DocumentJob(
        number=number,
        id=identifier,
        name=name,
        status=status,
        characters=characters,
        translated_characters=translated,
        seconds=seconds,
        error=error,
    )


def _order(database: sqlite3.Connection, job: DocumentJob) -> DocumentOrder:
    """Raises UnknownDocument where the job has been deleted."""
    query = (
        "SELECT content, source, target, options, model, glossary, formality, must_change FROM documents WHERE number = ?"
    )
    row = database.execute(query, (job.number,)).fetchone()
    if row is None:
        raise UnknownDocument(job.id)
    content, source, target, options, model, entries, formality, must_change = row
    glossary = None
    if entries is not None:
        # Where the language is to be found out, the glossary is for any.
        glossary = parsed(entries, ("" if source == AUTO else base_language(source), base_language(target)))
    return DocumentOrder(
        name=job.name,
        data=content,
        source=source,
        target=target,
        options=SearchOptions.model_validate_json(options),
        model=model,
        glossary=glossary,
        formality=formality,
        must_change=bool(must_change),
    )


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
