"""Errors of `/v1`: {"error": {"code": "...", "message": "..."}}, with the usual status of HTTP."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from service.errors import (
    BadText,
    BodyTooLarge,
    BodyTooSlow,
    InvalidFields,
    NoFormality,
    NotReady,
    Overloaded,
    RequestTooLarge,
    ServiceError,
    TooLate,
    UnknownModel,
    UnknownPair,
    UnknownPath,
    Unreadable,
    WrongMethod,
    quoted,
)
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
    UnknownPath: (404, "not_found"),
    WrongMethod: (405, "method_not_allowed"),
    BodyTooSlow: (408, "request_timeout"),
    BodyTooLarge: (413, "content_too_large"),
    RequestTooLarge: (413, "request_too_large"),
    InvalidFields: (422, "invalid_request"),
    NoFormality: (422, "formality_not_supported"),
    BadText: (422, "invalid_text"),
    Overloaded: (429, "too_busy"),
    NotReady: (503, "not_ready"),
    TooLate: (504, "too_late"),
    ServiceError: (500, "internal_error"),
}


def answer(error: ServiceError) -> JSONResponse:
    status, code = lookup(STATUSES, error)
    message = describe(error.problems[0]) if isinstance(error, InvalidFields) else error.message
    body = ErrorResponse(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status)


def describe(problem: Mapping[str, Any]) -> str:
    """One validation problem as a sentence that names the field and never repeats a long input."""
    location = [str(part) for part in problem["loc"][1:] if part not in ("one", "many")]
    field = location[0] + "".join(f"[{part}]" for part in location[1:]) if location else ""
    context = problem.get("ctx", {})
    if not field and problem["type"] != "value_error":
        return 'the body should be a JSON object, such as {"text": "..."}, sent with Content-Type: application/json'
    match problem["type"]:
        case "missing":
            return f"{field} is missing"
        case "extra_forbidden":
            return f"there is no field {quoted(field)}{_nearest(field)}"
        case "string_too_long":
            return f"{field} has {len(problem['input']):,} characters; at most {context['max_length']:,} are allowed"
        case "too_long":
            return f"{field} has {context['actual_length']:,} items; at most {context['max_length']:,} are allowed"
        case "string_pattern_mismatch":
            return f"{field} should be a language code, such as de or de-AT"
        case "string_unicode":
            return f"{field} holds a lone surrogate, which is not text"
        case _:
            message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
            value = problem["input"]
            given = f", not {value}" if isinstance(value, int | float) and abs(value) < 1e12 else ""
            return f"{field} {message}{given}".strip()


def _nearest(field: str) -> str:
    near = difflib.get_close_matches(field, REQUEST_FIELDS, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(REQUEST_FIELDS)}"
