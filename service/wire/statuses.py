"""The statuses of errors that wire formats share. Each format replaces those that its clients know otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ..errors import (
    BadText,
    BodyTooLarge,
    BodyTooSlow,
    InvalidFields,
    KeyMissing,
    KeyUnknown,
    NoFormality,
    NotDone,
    NotOffered,
    NotReady,
    Overloaded,
    PackedBody,
    QuotaExceeded,
    ServiceError,
    TooFast,
    TooLarge,
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

USUAL: dict[type[ServiceError], int] = {
    Unreadable: 400,
    InvalidFields: 400,
    BadText: 400,
    NoFormality: 400,
    UnknownPair: 400,
    UnknownModel: 400,
    KeyMissing: 401,
    KeyUnknown: 401,
    UnknownGlossary: 404,
    UnknownDocument: 404,
    UnknownPath: 404,
    WrongMethod: 405,
    BodyTooSlow: 408,
    NotDone: 409,
    TooLarge: 413,
    BodyTooLarge: 413,
    UnknownMediaType: 415,
    PackedBody: 415,
    Overloaded: 429,
    TooFast: 429,
    QuotaExceeded: 429,
    ServiceError: 500,
    NotOffered: 501,
    NotReady: 503,
    TooLate: 504,
}

_DESCRIPTIONS: dict[int, str] = {
    400: "A field is missing, wrong or outside its limits, or a language is not supported",
    401: "A key is required here, and the request has none that is known",
    403: "A key is required here, and the request has none that is known",
    408: "The body did not arrive in time",
    413: "The body, or the text in it, is too long",
    415: "The body is neither JSON nor a form",
    429: "Too much is waiting, or the client has had all that it may; see Retry-After",
    503: "Models are being loaded; see Retry-After",
    504: "The translation was not ready in time",
}


def responses(model: type[BaseModel], others: Mapping[int, str] | None = None) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for its description: the usual ones, and `others` that replace them or come besides."""
    descriptions = sorted({**_DESCRIPTIONS, **(others or {})}.items())
    return {status: {"model": model, "description": description} for status, description in descriptions}
