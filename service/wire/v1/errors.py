"""Errors of `/v1`: {"error": {"code": "...", "message": "..."}}, with the usual status of HTTP."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from ...errors import (
    BadText,
    BodyTooLarge,
    BodyTooSlow,
    Ending,
    InvalidFields,
    KeyMissing,
    KeyUnknown,
    MoreThanAllowed,
    NoFormality,
    NotDone,
    NotOffered,
    NotReady,
    Overloaded,
    PackedBody,
    QuotaExceeded,
    RequestTooLarge,
    ServiceError,
    TooFast,
    TooLate,
    TooManyBytes,
    TooManyDocuments,
    UnknownDocument,
    UnknownGlossary,
    UnknownMediaType,
    UnknownModel,
    UnknownPair,
    UnknownPath,
    Unreadable,
    WrongMethod,
)
from ..fields import describe
from ..format import lookup
from ..statuses import USUAL
from .schema import REQUEST_FIELDS


class ErrorDetail(BaseModel):
    code: str = Field(description="one word for programs", examples=["pair_not_loaded"])
    message: str = Field(description="one sentence for people: what was wrong and what would be right")


class ErrorResponse(BaseModel):
    error: ErrorDetail


STATUSES = USUAL | {UnknownPair: 404, UnknownModel: 404, InvalidFields: 422, NoFormality: 422, BadText: 422}
CODES: dict[type[ServiceError], str] = {
    Unreadable: "invalid_json",
    UnknownPair: "pair_not_loaded",
    UnknownModel: "model_not_loaded",
    UnknownGlossary: "glossary_not_found",
    UnknownDocument: "document_not_found",
    UnknownPath: "not_found",
    WrongMethod: "method_not_allowed",
    BodyTooSlow: "request_timeout",
    NotDone: "not_done",
    KeyMissing: "key_required",
    KeyUnknown: "key_unknown",
    MoreThanAllowed: "more_than_allowed",
    TooFast: "too_fast",
    QuotaExceeded: "quota_exceeded",
    TooManyDocuments: "too_many_documents",
    BodyTooLarge: "content_too_large",
    RequestTooLarge: "request_too_large",
    UnknownMediaType: "unsupported_media_type",
    PackedBody: "unsupported_media_type",
    InvalidFields: "invalid_request",
    NoFormality: "formality_not_supported",
    BadText: "invalid_text",
    Overloaded: "too_busy",
    TooManyBytes: "too_busy",
    NotReady: "not_ready",
    Ending: "not_ready",
    TooLate: "too_late",
    NotOffered: "not_offered",
    ServiceError: "internal_error",
}


def answer(error: ServiceError) -> JSONResponse:
    status, code = lookup(STATUSES, error), lookup(CODES, error)
    message = (
        describe(error.problems[0], error.known or REQUEST_FIELDS) if isinstance(error, InvalidFields) else error.message
    )
    body = ErrorResponse(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status)
