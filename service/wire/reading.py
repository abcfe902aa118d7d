"""Reading of requests whose fields come in several encodings: JSON, forms, multipart and the query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ..errors import InvalidFields, UnknownMediaType, Unreadable
from .fields import Fields

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
MOST_FIELDS = 1_000
"""Of one form."""

F = TypeVar("F", bound=Fields)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body. Its name is as the client wrote it, and not to be trusted."""

    name: str
    content: bytes

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}


async def read(request: Request, fields: type[F], *, media_types: Sequence[str] = (JSON, FORM, MULTIPART)) -> F:
    """The fields of a request, out of its query and its body.

    A name that comes several times in a form has a list of its values; JSON goes before the query.
    Raises Unreadable, UnknownMediaType, InvalidFields.
    """
    if await request.body() and (media_type := _media_type(request)) not in media_types:
        raise UnknownMediaType(media_type, media_types)
    return validated(await given_fields(request), fields)


async def given_fields(request: Request) -> dict[str, Any]:
    """The fields as the request has them. Raises Unreadable, UnknownMediaType."""
    known: dict[str, Any] | None = getattr(request.state, "fields", None)
    if known is None:  # where its key is a field, they have been read for that already
        request.state.fields = known = await _given_fields(request)
    return known


async def _given_fields(request: Request) -> dict[str, Any]:
    pairs = _pairs(request.scope["query_string"], "the query")
    given: dict[str, Any] = {}
    if body := await request.body():
        media_type = _media_type(request)
        if media_type == FORM:
            if body.lstrip()[:1] == b"{":
                raise Unreadable(f"the body looks like JSON; it should be sent with Content-Type: {JSON}")
            pairs += _pairs(body, "the body")
        elif media_type == MULTIPART:
            pairs += await _parts(request, len(body))
        elif media_type == JSON:
            given = _object(body)
        else:
            raise UnknownMediaType(media_type, (JSON, FORM, MULTIPART))
    return _collected(pairs) | given


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def validated(given: dict[str, Any], fields: type[F]) -> F:
    """Raises InvalidFields."""
    try:
        return fields.model_validate(given)
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
        raise InvalidFields(problems, fields.names()) from None


def documented(fields: type[Fields], *media_types: str) -> dict[str, Any]:
    """The description of such a request in OpenAPI."""
    schema = schema_of(fields)
    return {
        "requestBody": {
            "required": True,
            "content": {media_type: {"schema": schema} for media_type in media_types or (JSON, FORM, MULTIPART)},
        }
    }


def asked_in_query(fields: type[Fields]) -> dict[str, Any]:
    """The description in OpenAPI of a request whose fields are in the query."""
    schema = schema_of(fields)
    required = schema.get("required", [])
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name in required, "schema": own}
            for name, own in schema["properties"].items()
        ]
    }


def schema_of(fields: type[Fields]) -> dict[str, Any]:
    """The schema of fields, with the schemas of fields within them in their places."""
    schema = fields.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(part) for part in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(definitions[node["$ref"].rpartition("/")[2]])
        return {name: inlined(part) for name, part in node.items()}

    whole: dict[str, Any] = inlined(schema)
    return whole


def _pairs(encoded: bytes, what: str) -> list[tuple[str, Any]]:
    # Starlette reads forms as Latin-1; what clients send without percent signs is UTF-8.
    try:
        return [*parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)]
    except UnicodeDecodeError:
        raise Unreadable(f"{what} is not UTF-8") from None
    except ValueError:
        raise Unreadable(f"{what} has more than {MOST_FIELDS:,} fields") from None


async def _parts(request: Request, length: int) -> list[tuple[str, Any]]:
    parser = _InMemory(request.headers, request.stream(), max_fields=MOST_FIELDS, max_part_size=length)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:  # KeyError: there is no boundary
        reason = getattr(error, "message", "it has no boundary")
        raise Unreadable(f"the body is not valid multipart: {reason}") from None
    return [
        (name, Upload(value.filename or "", await value.read()) if isinstance(value, UploadFile) else value)
        for name, value in form.multi_items()
    ]


class _InMemory(MultiPartParser):
    """Keeps files in memory, where the body is already: a disk may be read-only."""

    spool_max_size = 1 << 40


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body.decode("utf-8-sig"))  # some clients begin it with a byte order mark
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None
    if not isinstance(given, dict):
        raise InvalidFields([{"type": "model_type", "loc": ("body",), "msg": "", "input": None}])
    return given


def not_json(error: BaseException | None) -> Unreadable:
    """What a client is told where reading its body as JSON has ended in `error`."""
    match error:
        case json.JSONDecodeError():
            return Unreadable(f"the body is not valid JSON: {error.msg} at character {error.pos}")
        case RecursionError():
            return Unreadable("the body is JSON of too many levels")
        case ValueError() if not isinstance(error, UnicodeDecodeError):  # Python reads no longer numbers
            return Unreadable("the body has a number of more than 4,300 digits")
        case _:
            return Unreadable("the body is not JSON in UTF-8")


def _collected(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name not in given:
            given[name] = value
        elif isinstance(given[name], list):
            given[name].append(value)
        else:
            given[name] = [given[name], value]
    return given
