"""What every answer that is not a success looks like: {"error": {"code": "...", "message": "..."}}."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from service.schema import REQUEST_FIELDS

MAX_QUOTED_CHARACTERS = 40


class ErrorDetail(BaseModel):
    code: str = Field(description="one word for programs", examples=["pair_not_loaded"])
    message: str = Field(description="one sentence for people: what was wrong and what would be right")


class ErrorResponse(BaseModel):
    error: ErrorDetail


class ApiError(Exception):
    """An answer that is not a success. `retry_after` is in seconds."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    body = ErrorResponse(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status, headers)


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    headers = None if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return error_response(error.status, error.code, error.message, headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # the only one that the framework raises: a body that is not JSON
        return error_response(400, "invalid_json", "the body is not JSON in UTF-8")
    messages = {
        404: "there is nothing here; see /docs",
        405: f"{quoted(request.method)} is not possible here; {(error.headers or {}).get('Allow', 'another method')} is",
    }
    phrase = HTTPStatus(error.status_code).phrase.lower()
    return error_response(
        error.status_code, phrase.replace(" ", "_"), messages.get(error.status_code, error.detail), error.headers
    )


async def _validation_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    if problem["type"] == "json_invalid":
        message = f"the body is not valid JSON: {problem['ctx']['error']} at character {problem['loc'][-1]}"
        return error_response(400, "invalid_json", message)
    return error_response(422, "invalid_request", describe(problem))


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
            return f"{field} should be a language code of two or three letters, such as de"
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


def quoted(text: str) -> str:
    """`text` in quotation marks, cut where it is long."""
    cut = text if len(text) <= MAX_QUOTED_CHARACTERS else text[:MAX_QUOTED_CHARACTERS] + "…"
    return repr(cut)
