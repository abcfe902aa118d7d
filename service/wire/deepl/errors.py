"""Errors of DeepL: {"message": "..."}, with sentences that its clients look for."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from ...errors import (
    InvalidFields,
    KeyMissing,
    KeyUnknown,
    NoFormality,
    NotDone,
    NotOffered,
    QuotaExceeded,
    ServiceError,
    UnknownPair,
    quoted,
)
from ..fields import message_of
from ..format import lookup
from ..statuses import USUAL, responses

EXAMPLE = '{"text": ["..."], "target_lang": "EN-US"}'
_CHOICES = ("literal_error", "string_pattern_mismatch")


class ErrorResponse(BaseModel):
    message: str = Field(description="what was wrong and what would be right")


class UnknownJob(ServiceError):
    """No job has this identifier, or it was too long ago."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"there is no job {quoted(identifier)}, or it was more than a day ago")


class BadIdentifier(ServiceError):
    """The identifier of a job that cannot be one."""

    def __init__(self) -> None:
        super().__init__("job_id must be a valid UUID")


STATUSES = USUAL | {NotDone: 503, NotOffered: 404, UnknownJob: 404, BadIdentifier: 400}
STATUSES |= {KeyMissing: 403, KeyUnknown: 403, QuotaExceeded: 456}


def answer(error: ServiceError) -> JSONResponse:
    return JSONResponse({"message": _message(error)}, lookup(STATUSES, error))


def _message(error: ServiceError) -> str:
    match error:
        case UnknownPair(unknown_language=str(language)):
            field = "source_lang" if language == error.source else "target_lang"
            return f"Value for '{field}' not supported."
        case UnknownPair():
            return f"Value for 'target_lang' not supported: {error.message}"
        case KeyMissing() | KeyUnknown():
            return f"Authorization failed: {error.message}. Send it as Authorization: DeepL-Auth-Key KEY"
        case QuotaExceeded():
            return f"Quota exceeded: {error.message}"
        case NoFormality():
            return f"Target language '{error.target.upper()}' doesn't support formality."
        case InvalidFields(problems=[{"type": kind, "loc": [_, field]}, *_]) if kind in _CHOICES:
            return f"Value for '{field}' not supported."
        case _:
            return message_of(error, example=EXAMPLE)


ERRORS = responses(
    ErrorResponse, {404: "There is no such glossary or document", 456: "The quota of the key for this day is used up"}
)
