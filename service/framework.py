"""Exceptions of the web framework become errors of the service, and these become answers in the request's wire format."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from .access import METER, Access
from .clients import CLIENT
from .errors import InvalidFields, NotReady, ServiceError, UnknownPath, Unreadable, WrongMethod
from .gate import Gate
from .wire.format import WireFormat, WireFormats
from .wire.reading import not_json

logger = logging.getLogger(__name__)

STATE_RETRY = 30
"""Seconds after which a client may ask again where the state could not be written."""
_ENTERED = "nmt.entered"
"""Key of a request's scope: whether it has come through the gate."""


def install_error_handlers(app: FastAPI, formats: WireFormats) -> None:
    async def answer(request: Request, error: Exception) -> Response:
        return formats.answer(request.scope["path"], translated(error, request))

    for kind in (ServiceError, RequestValidationError, HTTPException, sqlite3.OperationalError):
        app.add_exception_handler(kind, answer)


def door(gate: Gate, access: Access, wire_format: WireFormat) -> Callable[[Request], Awaitable[None]]:
    """A dependency of all routes of a format: the gate, and then the account of the client by its key or its address.

    It is one, and no generator: each dependency takes the framework a tenth of a millisecond, and its end as much again.
    """

    async def enter(request: Request) -> None:
        await gate.enter()  # first: what comes while the service ends is not counted
        request.scope[_ENTERED] = True
        if request.scope["route"].path in wire_format.keyless:
            return
        key = await wire_format.key(request) if access.reads_keys else None
        account = await access.account(key, request.client.host if request.client else "")
        METER.set(access.meter(account))
        if key:
            CLIENT.set(replace(CLIENT.get(), name=account.name))

    return enter


class WayOut:
    """A layer that lets requests leave the gate through which their routes let them enter, once they are answered."""

    def __init__(self, app: ASGIApp, *, gate: Gate) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope.pop(_ENTERED, False):
                self._gate.leave()


def translated(error: Exception, request: Request) -> ServiceError:
    """The service's error for one that a route, a middleware or the framework raised for a request."""
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, sqlite3.OperationalError):  # of a disk that is full, or can no longer be written
        logger.error("the state of the service cannot be kept: %s", error)
        return NotReady("the service cannot keep its state now; its log says why", retry_after=STATE_RETRY)
    if isinstance(error, RequestValidationError):
        problem = error.errors()[0]
        if problem["type"] != "json_invalid":
            return InvalidFields(error.errors())
        return Unreadable(f"the body is not valid JSON: {problem['ctx']['error']} at character {problem['loc'][-1]}")
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ServiceError):  # raised while the framework read the body
        return error.__cause__
    if error.status_code == 404:
        return UnknownPath()
    if error.status_code == 405:
        return WrongMethod(request.method, _allowed(request))
    if error.status_code == 400:  # of the framework's own: a body that it cannot read
        return not_json(error.__cause__)
    raise error


def _allowed(request: Request) -> list[str]:
    """The methods that the path of a request takes. The framework names those of the first of its routes only."""
    methods = {"GET": ("GET", "HEAD"), "POST": ("POST",), "PUT": ("PUT",), "PATCH": ("PATCH",), "DELETE": ("DELETE",)}
    matches = [
        (names, route.matches({**request.scope, "method": method})[0])
        for method, names in methods.items()
        for route in request.app.routes
    ]
    return [name for names, match in matches if match is Match.FULL for name in names]
