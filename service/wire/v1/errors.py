"""Errors of `/v1`: {"error": {"code": "...", "message": "..."}}, with the usual status of HTTP."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from service.errors import (
    BadText,
    BodyTooLarge,
    BodyTooSlow,
    InvalidFields,
    NoFormality,
    NotOffered,
    NotReady,
    Overloaded,
    RequestTooLarge,
    ServiceError,
    TooLate,
    UnknownDocument,
    UnknownGlossary,
    UnknownMediaType,
    UnknownModel,
    UnknownPair,
    UnknownPath,
    Unreadable,
    WrongMethod,
)
from service.wire.fields import describe
from service.wire.format import lookup
from service.wire.v1.schema import REQUEST_FIELDS


class ErrorDetail(BaseModel):
    code: str = Field(description="one word for programs", examples=["pair_not_loaded"])
    message: str = Field(description="one sentence for people: what was wrong and what would be right")


class ErrorResponse(BaseModel):
    error: ErrorDetail


STATUSES: dict[type[ServiceError], tuple[int, str]] = {
    Unreadable: (400, "invalid_json"),
    UnknownPair: (404, "pair_not_loaded"),
    UnknownModel: (404, "model_not_loaded"),
    UnknownGlossary: (404, "glossary_not_found"),
    UnknownDocument: (404, "document_not_found"),
    UnknownPath: (404, "not_found"),
    WrongMethod: (405, "method_not_allowed"),
    BodyTooSlow: (408, "request_timeout"),
    BodyTooLarge: (413, "content_too_large"),
    RequestTooLarge: (413, "request_too_large"),
    UnknownMediaType: (415, "unsupported_media_type"),
    InvalidFields: (422, "invalid_request"),
    NoFormality: (422, "formality_not_supported"),
    BadText: (422, "invalid_text"),
    Overloaded: (429, "too_busy"),
    NotReady: (503, "not_ready"),
    TooLate: (504, "too_late"),
    NotOffered: (501, "not_offered"),
    ServiceError: (500, "internal_error"),
}


def answer(error: ServiceError) -> JSONResponse:
    status, code = lookup(STATUSES, error)
    message = describe(error.problems[0], REQUEST_FIELDS) if isinstance(error, InvalidFields) else error.message
    body = ErrorResponse(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status)
