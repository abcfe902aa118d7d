"""Errors of LibreTranslate: {"error": "..."}, with sentences that clients know. What is wrong with a request is 400."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from ...errors import (
    InvalidFields,
    KeyMissing,
    KeyUnknown,
    NotOffered,
    Overloaded,
    QuotaExceeded,
    ServiceError,
    TooFast,
    TooLarge,
    UnknownPair,
)
from ..fields import describe
from ..format import lookup
from ..statuses import USUAL


class ErrorResponse(BaseModel):
    error: str = Field(description="one sentence: what was wrong and what would be right")


STATUSES = USUAL | {TooLarge: 400, NotOffered: 403, KeyMissing: 400, KeyUnknown: 403}


def answer(error: ServiceError) -> JSONResponse:
    return JSONResponse({"error": _sentence(error)}, lookup(STATUSES, error))


def _sentence(error: ServiceError) -> str:
    match error:
        case UnknownPair(unknown_language=str(language)):
            return f"{language} is not supported"
        case KeyMissing():
            return "Please contact the server operator to get an API key"
        case KeyUnknown():
            return "Invalid API key"
        case Overloaded() | TooFast() | QuotaExceeded():
            return f"Slowdown: {error.message}"
        case InvalidFields():
            return f"Invalid request: {_problem(error)}"
        case _:
            return error.message


def _problem(error: InvalidFields) -> str:
    problem = error.problems[0]
    match problem["type"]:
        case "missing":
            return f"missing {problem['loc'][-1]} parameter"
        case "string_too_long" | "too_long":
            size = len(problem["input"])
            return f"request ({size}) exceeds text limit ({problem['ctx']['max_length']})"
        case _:
            return describe(problem, error.known, example='{"q": "...", "source": "de", "target": "en"}')
