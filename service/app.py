"""The application, put together; and the server that runs it."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache, partial
from types import FrameType
from typing import Any, cast

import uvicorn
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nmt.config.version import VERSION
from nmt.errors import ConfigurationError

from .access import Access
from .bodies import BodyLimit
from .connections import Connection, Connections, quiet_when_full
from .documents import Documents
from .framework import admission, install_error_handlers
from .gate import Gate
from .glossaries import Glossaries
from .log import write_log
from .metrics import Metrics
from .middleware import REQUEST_ID, Clients, HangUp, Head, Observation, RootPath, SecurityHeaders
from .models import Models
from .routes.operations import operations_routes
from .routes.page import page_routes
from .scheduler import Scheduler
from .settings import Settings, read_settings
from .state import State
from .translating import Translating
from .watchdog import Watchdog
from .wire import FORMATS
from .wire.format import Core, MakeFormat, WireFormats

try:
    import resource
except ModuleNotFoundError:  # not on Windows
    resource = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

READY = "ready"
_BACKLOG = 256
"""Connections that are accepted in one go."""
_OTHER_FILES = 64
_FEWEST_CONNECTIONS = 16
_GARBAGE = 100_000
"""Objects that are made, and are not gone by themselves, before the garbage collector looks for circles among them."""
LONGEST_HEAD = 1 << 18
"""Bytes of the first line of a request and its headers. A text of 10,000 characters in a query is 120 kB at the most."""


def __getattr__(name: str) -> FastAPI:
    """`service.app:app`, for servers of ASGI: the service with the settings of the environment, made when asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _app_of_environment()


@cache
def _app_of_environment() -> FastAPI:
    settings = read_settings({})
    write_log(settings.log_format)
    return create_app(settings)


def create_app(settings: Settings, *, formats: Sequence[MakeFormat] = FORMATS) -> FastAPI:
    """The service. Models are loaded in the background once it starts. Raises ConfigurationError where there are none."""
    models = Models(settings)
    return _assemble(settings, models, formats, Gate(models), greeting=READY)


def serve(settings: Settings, *, formats: Sequence[MakeFormat] = FORMATS) -> None:
    """Listen until SIGTERM or SIGINT; then answer what has been accepted, and return.

    Raises ConfigurationError where it cannot listen or no model can be loaded, and KeyboardInterrupt after SIGINT.
    """
    write_log(settings.log_format)
    models = Models(settings)
    with _listen(settings) as listener:
        address = _address(listener)
        greeting = f"{READY}: the page is at {address}, the API at {address}/docs"
        gate = Gate(models)
        server = _Server(_assemble(settings, models, formats, gate, greeting=greeting), models, gate, settings)
        logger.info("listening on %s", address)
        server.run(sockets=[listener])
    if models.failure is not None:
        raise models.failure
    if server.is_interrupted:
        raise KeyboardInterrupt


def _assemble(settings: Settings, models: Models, formats: Sequence[MakeFormat], gate: Gate, *, greeting: str) -> FastAPI:
    metrics = Metrics()
    # How many batches these threads translate at a time is the scheduler's to say: some have every core to themselves.
    worker = ThreadPoolExecutor(settings.threads, thread_name_prefix="translator")
    scheduler = Scheduler(settings, metrics, worker)
    watchdog = Watchdog(scheduler, seconds=settings.stall_seconds)
    translating = Translating(models, scheduler, seconds=settings.request_timeout)
    state = State(settings.state)
    access = Access(settings, state)
    documents = Documents(settings, state, translating)
    core = Core(settings=settings, translating=translating, glossaries=Glossaries(state), documents=documents)
    wire_formats = WireFormats([make(core) for make in formats])

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        _collect_seldom()
        quiet_when_full(asyncio.get_running_loop())
        watchdog.start()
        loading = asyncio.create_task(_load(models, worker, metrics, greeting))
        watching = asyncio.create_task(_watch(models, metrics, settings.reload_seconds))
        working_off = asyncio.create_task(documents.run())
        yield
        models.abandon()
        watching.cancel()
        working_off.cancel()
        await asyncio.gather(working_off, return_exceptions=True)
        await loading
        watchdog.stop()
        worker.shutdown()
        state.close()

    app = FastAPI(
        title="nmt",
        description="Neural machine translation with models of your own, on your own machine.",
        version=VERSION,
        lifespan=lifespan,
        servers=[{"url": "."}],  # wherever /openapi.json was found: a proxy may have put the service below a path
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    for wire_format in wire_formats:
        # The gate first: what comes while the service ends is not counted.
        doors = [Depends(gate), Depends(admission(access, wire_format))]
        app.include_router(wire_format.routes, dependencies=doors)
    app.include_router(operations_routes(models, metrics, gate, watchdog, admin_token=settings.admin_token))
    app.include_router(page_routes())

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return app.openapi()

    install_error_handlers(app, wire_formats)
    _add_layers(app, settings, metrics, wire_formats)
    return app


def _add_layers(app: FastAPI, settings: Settings, metrics: Metrics, wire_formats: WireFormats) -> None:
    """What every request passes before it is routed."""
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, formats=wire_formats, seconds=settings.request_timeout)
    app.add_middleware(HangUp)
    app.add_middleware(Clients)
    app.add_middleware(Observation, metrics=metrics, formats=wire_formats)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Head)
    if settings.cors_origins is not None:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Goog-Api-Key", REQUEST_ID],
            expose_headers=["Content-Disposition", "Retry-After", REQUEST_ID],
        )
    app.add_middleware(RootPath, root=settings.root_path)
    if settings.trusted_proxies is not None:
        # Of all that a client may say of itself, only what such a proxy says of it is believed.
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))


async def _load(models: Models, worker: ThreadPoolExecutor, metrics: Metrics, greeting: str) -> None:
    await asyncio.get_running_loop().run_in_executor(worker, models.load)
    _count(models, metrics)
    if models.ready:
        logger.info("%s", greeting)


def _collect_seldom() -> None:
    """Spare the garbage collector what stays as long as the process, and most of its rounds.

    A body of a megabyte can have 350,000 lists. Python goes over all objects again and again while it reads them, the many
    of the libraries included: that takes twenty times as long as to read them, and nobody else is served meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 10, 10)


async def _watch(models: Models, metrics: Metrics, seconds: float) -> None:
    """Look at the folder of models now and then, and load what has changed once it changes no longer."""
    while seconds:
        await asyncio.sleep(seconds)
        if models.ready and await asyncio.to_thread(models.has_changed):
            await asyncio.sleep(min(seconds, 1.0))  # a model that is being copied is not whole yet
            try:
                await asyncio.to_thread(models.reload)
            except ConfigurationError as error:
                logger.error("the models are served as they were: %s", error)
            _count(models, metrics)


def _count(models: Models, metrics: Metrics) -> None:
    metrics.models.set(len(models))
    metrics.unusable_models.set(len(models.unusable))


class _Server(uvicorn.Server):
    """Stops on SIGTERM, on SIGINT, and where there is no model to serve.

    A signal closes the gate: what is accepted is answered, and what comes is refused in words. A second one ends it at once.
    """

    def __init__(self, app: ASGIApp, models: Models, gate: Gate, settings: Settings) -> None:
        room = max(_FEWEST_CONNECTIONS, _files() - _BACKLOG - _OTHER_FILES)
        connections = Connections(most=min(settings.max_connections, room))
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(Any, partial(Connection, connections)),
                backlog=_BACKLOG,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=LONGEST_HEAD,
                timeout_graceful_shutdown=int(settings.request_timeout) + 5,
            )
        )
        self._models, self._gate = models, gate
        self._seconds = settings.request_timeout
        self._closed_at = 0.0
        self.is_interrupted = False
        # Before uvicorn runs.
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What uvicorn does on a signal while it runs."""
        self._stop(sig, frame)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.should_exit = self._gate.is_closing  # the second time
        self._gate.is_closing, self._closed_at = True, time.monotonic()
        self.is_interrupted = self.is_interrupted or number == signal.SIGINT

    async def on_tick(self, counter: int) -> bool:
        is_late = time.monotonic() - self._closed_at > self._seconds
        is_done = self._gate.is_closing and (is_late or not self._gate.accepted)
        return await super().on_tick(counter) or is_done or self._models.failure is not None


def _files() -> int:
    """The most files that the process may have open."""
    if resource is None:
        return 512
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 20 if limit == resource.RLIM_INFINITY else limit


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}; choose another (NMT_PORT)"
        ) from error
    # `create_server` leaves the protocol open (0), and each accepted connection takes it over. asyncio turns off Nagle's
    # algorithm only where the protocol is TCP; with it, the second packet of an answer waits 40 ms for the client to confirm
    # the first. A socket made from a descriptor asks the system for its protocol.
    return socket.socket(fileno=listener.detach())


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
