"""Fields of requests in DeepL's wire format: any case, names with commas between them, blanks as absent."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from nmt.config.formality import Formality

from ..fields import Fields


def lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def separated(value: object) -> object:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(separated)]
"""A list, or names with commas between them, as forms have them."""

AnyCaseFormality = Annotated[Formality, BeforeValidator(lower)]


class DeepLFields(Fields):
    blank_is_absent = True

    auth_key: str | None = Field(None, max_length=1_000, description="the key, as older clients send it")
