"""The fields of requests: types that wire formats share, and sentences about what is wrong with a field."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, conlist, model_validator

from nmt.config.search import SearchOptions
from nmt.translate.source import AUTO, UNDETERMINED

from ..errors import MAX_QUOTED_CHARACTERS, InvalidFields, ServiceError, quoted
from ..settings import Settings

TAG = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}"
Code = Annotated[str, Field(pattern=rf"^{TAG}$")]


def _is_one_of(given: object, *tags: str) -> bool:
    return isinstance(given, str) and given.lower() in tags


# A text whose language a service could not find out has the tag UNDETERMINED, which clients send back.
SourceCode = Annotated[
    str,
    BeforeValidator(lambda tag: AUTO if _is_one_of(tag, AUTO, UNDETERMINED) else tag),
    Field(pattern=rf"^({AUTO}|{TAG})$"),
]
GivenSource = Annotated[Code | None, BeforeValidator(lambda tag: None if _is_one_of(tag, UNDETERMINED) else tag)]
"""The source of formats in which nothing stands for a language that is to be found out."""

EXAMPLE = '{"text": "..."}'

TEXT_ONLY = ConfigDict(str_min_length=0)
"""Has pydantic refuse lone surrogates, which nothing can write out. It looks for them only in strings that have a limit."""


class Fields(BaseModel):
    """The fields of a request. One that is null is as one that is left out, and one that is not known is refused."""

    model_config = ConfigDict(**TEXT_ONLY, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)

    blank_is_absent: ClassVar[bool] = False
    """Whether a field that is the empty string is as one that is left out, too."""

    @model_validator(mode="before")
    @classmethod
    def _present(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {
            name: value
            for name, value in given.items()
            if name not in known or not (value is None or (cls.blank_is_absent and value == ""))
        }

    @classmethod
    def names(cls) -> list[str]:
        """The names of its fields, as a request has them."""
        return [field.alias or name for name, field in cls.model_fields.items()]


def text_type(settings: Settings) -> Any:
    """One text."""
    return Annotated[str, Field(max_length=settings.max_text_characters)]


def texts_type(settings: Settings) -> Any:
    """A list of texts."""
    return conlist(text_type(settings), min_length=1, max_length=settings.max_texts)


def one_or_many(settings: Settings) -> Any:
    """One text, or a list of texts."""
    # Tagged, so that a text that is too long is not also complained about as "not a list".
    return Annotated[
        Annotated[text_type(settings), Tag("one")] | Annotated[texts_type(settings), Tag("many")],
        Discriminator(lambda value: "many" if isinstance(value, list) else "one"),
    ]


def search_options(settings: Settings, *, n_best: int = 1) -> SearchOptions:
    """The default options within the limits of `settings`, for so many translations."""
    return SearchOptions(beam_size=max(n_best, min(SearchOptions().beam_size, settings.max_beam_size)), n_best=n_best)


def message_of(error: ServiceError, *, example: str = EXAMPLE) -> str:
    """The sentence of `error`, which names the field where one is wrong; `example` as for `describe`."""
    return describe(error.problems[0], error.known, example=example) if isinstance(error, InvalidFields) else error.message


def describe(problem: Mapping[str, Any], fields: Iterable[str], *, example: str = EXAMPLE) -> str:
    """One of pydantic's problems as a sentence that names the field and never repeats a long input.

    `fields` are the names that there are, and `example` is a body that has some of them.
    """
    location = [_short(str(part)) for part in problem["loc"][1:] if part not in ("one", "many")]
    field = location[0] + "".join(f"[{part}]" for part in location[1:]) if location else ""
    context = problem.get("ctx", {})
    if not field and problem["type"] == "string_unicode":
        return "the name of a field holds a lone surrogate, which is not text"
    if not field and problem["type"] != "value_error":
        return f"the body should be a JSON object, such as {example}, sent with Content-Type: application/json"
    match problem["type"]:
        case "missing":
            return f"{field} is missing"
        case "extra_forbidden":
            return f"there is no field {quoted(field)}{_nearest(field, list(fields))}"
        case "string_too_long":
            return f"{field} has {len(problem['input']):,} characters; at most {context['max_length']:,} are allowed"
        case "too_long":
            return f"{field} has {len(problem['input']):,} items; at most {context['max_length']:,} are allowed"
        case "too_short":
            return f"{field} has {len(problem['input']):,} items; at least {context['min_length']:,} should be there"
        case "dict_type" | "model_type":
            return f"{field} should be a JSON object"
        case "dataclass_type":
            return f"{field} should be one file, sent as multipart/form-data with its name"
        case "string_pattern_mismatch":
            return f"{field} should be a language code, such as de or de-AT"
        case "string_unicode":
            return f"{field} holds a lone surrogate, which is not text"
        case "string_type" if isinstance(problem["input"], list):
            return f"{field} should be one string, not a list"
        case _:
            message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
            value = problem["input"]
            given = f", not {value}" if isinstance(value, int | float) and abs(value) < 1e12 else ""
            return f"{field} {message}{given}".strip()


def _short(part: str) -> str:
    """A part of a place, cut where a user made a long one."""
    part = " ".join(part.split())
    return part if len(part) <= MAX_QUOTED_CHARACTERS else part[:MAX_QUOTED_CHARACTERS] + "…"


def _nearest(field: str, fields: list[str]) -> str:
    near = difflib.get_close_matches(field, fields, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(fields)}"
