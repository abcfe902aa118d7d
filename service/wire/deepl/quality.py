"""Evaluation of given translations in DeepL's wire format: a job, and its report once it is done.

A translation is scored by forced decoding: the probabilities that the model for its languages gives to its tokens.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, create_model

from nmt.translate.translator import PairScore

from ...access import charged
from ...errors import NotOffered
from ...evaluations import Evaluations, failure
from ...settings import Settings
from ...translating import Translating
from ..fields import Code, Fields, text_type
from ..reading import JSON, documented, read
from .errors import ERRORS, BadIdentifier, UnknownJob

PATH = "/v1/quality-evaluation"
MOST_SEGMENTS = 500
_POLL = {"Retry-After": "2"}


class Metadata(Fields):
    source_language: Code = Field(examples=["de"])
    target_language: Code = Field(examples=["en"])


class Segment(Fields):
    source: str
    target: str


class EvaluationFields(Fields):
    metadata: Metadata
    segments: list[Segment]


class Created(BaseModel):
    job_id: str
    poll_url: str


class Processing(BaseModel):
    job_id: str
    status: Literal["processing"]


class SegmentReport(BaseModel):
    segment_index: int
    errors: list[dict[str, Any]] = Field(description="always empty: the model gives a score, and no reasons")
    score: float = Field(ge=0, le=1, description="geometric mean of the probabilities of the target's tokens")
    log_probability: float | None = Field(description="natural logarithm, of the whole target; null where it is impossible")
    tokens: int = Field(description="of the target, its end included")


class Summary(BaseModel):
    overall_score: int = Field(ge=0, le=100, description="100 times the geometric mean over the tokens of all segments")
    granular_counts: dict[str, Any]


class Done(BaseModel):
    job_id: str
    status: Literal["done"]
    segments: list[SegmentReport]
    summary: Summary


class Failed(BaseModel):
    job_id: str
    status: Literal["error"]
    error: dict[str, str]


def quality_routes(settings: Settings, translating: Translating) -> APIRouter:
    evaluations = Evaluations(translating)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        evaluations.end()

    router = APIRouter(prefix=PATH, responses=ERRORS, lifespan=lifespan)
    Limited = create_model(
        "LimitedSegment", __base__=Segment, source=(text_type(settings), ...), target=(text_type(settings), ...)
    )
    Evaluation = create_model(
        "QualityEvaluationRequest",
        __base__=EvaluationFields,
        segments=(list[Limited], Field(min_length=1, max_length=MOST_SEGMENTS)),
    )

    @router.post("", status_code=202, response_model=Created, openapi_extra=documented(Evaluation, JSON))
    async def submit(request: Request) -> JSONResponse:
        """Begin an evaluation."""
        if settings.workers > 1:
            raise NotOffered("evaluations belong to one process; this service has several (NMT_WORKERS)")
        question = await read(request, Evaluation, media_types=(JSON,))
        pairs = [(segment.source, segment.target) for segment in question.segments]
        async with charged(sum(len(source) + len(target) for source, target in pairs)):
            job = evaluations.submit(
                pairs,
                source=question.metadata.source_language,
                target=question.metadata.target_language,
            )
        return JSONResponse({"job_id": job.id, "poll_url": f"{PATH}/{job.id}"}, 202, headers=_POLL)

    @router.get("/{job_id}", response_model=Done | Failed, responses={202: {"model": Processing}})
    async def poll(job_id: str) -> JSONResponse:
        """The report of an evaluation; 202 while it is being made."""
        job = evaluations.find(_standard(job_id))
        if job is None:
            raise UnknownJob(job_id)
        if not job.task.done():
            return JSONResponse({"job_id": job.id, "status": "processing"}, 202, headers=_POLL)
        if (reason := failure(job)) is not None:
            error = {"code": "evaluation_failed", "message": reason}
            return JSONResponse({"job_id": job.id, "status": "error", "error": error})
        return JSONResponse({"job_id": job.id, "status": "done", **_report(job.task.result())})

    return router


def _standard(identifier: str) -> str:
    """Raises BadIdentifier."""
    try:
        return str(uuid.UUID(identifier))
    except ValueError:
        raise BadIdentifier from None


def _report(scores: list[PairScore]) -> dict[str, Any]:
    every = PairScore(sum(score.log_probability for score in scores), sum(score.tokens for score in scores))
    segments: list[dict[str, Any]] = [
        {
            "segment_index": number,
            "errors": [],
            "score": round(score.mean_probability, 4),
            "log_probability": round(score.log_probability, 4) if score.is_possible else None,
            "tokens": score.tokens,
        }
        for number, score in enumerate(scores)
    ]
    return {
        "segments": segments,
        "summary": {"overall_score": round(100 * every.mean_probability), "granular_counts": {}},
    }
