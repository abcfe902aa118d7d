"""The statuses of errors that wire formats share. Each format replaces those that its clients know otherwise."""

from __future__ import annotations

from service.errors import (
    BadText,
    BodyTooLarge,
    BodyTooSlow,
    InvalidFields,
    NoFormality,
    NotOffered,
    NotReady,
    Overloaded,
    ServiceError,
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
    UnknownGlossary: 404,
    UnknownDocument: 404,
    UnknownPath: 404,
    WrongMethod: 405,
    BodyTooSlow: 408,
    TooLarge: 413,
    BodyTooLarge: 413,
    UnknownMediaType: 415,
    Overloaded: 429,
    ServiceError: 500,
    NotOffered: 501,
    NotReady: 503,
    TooLate: 504,
}
