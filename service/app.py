"""The application, put together; and the server that runs it."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
import socket
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, cast

import uvicorn
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nmt.config.process import limit_primitive_cache
from nmt.config.version import VERSION
from nmt.errors import ConfigurationError
from nmt.translate.source import load_detection

from .access import Access
from .bodies import BodyLimit
from .connections import Connection, Connections, quiet_when_full
from .documents import Documents
from .framework import WayOut, door, install_error_handlers
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
from .workers import RELOAD, Worker, Workers

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
    limit_primitive_cache()
    settings = read_settings({})
    write_log(settings.log_format)
    return create_app(settings)


def create_app(settings: Settings) -> FastAPI:
    """The service. Models are loaded in the background once it starts. Raises ConfigurationError where there are none."""
    if settings.workers > 1:
        raise ConfigurationError("NMT_WORKERS is for `nmt serve`; this server has an option of its own for its processes")
    models = Models(settings)
    return _assemble(settings, models, FORMATS, Gate(models), greeting=READY)


def serve(settings: Settings, *, formats: Sequence[MakeFormat] = FORMATS) -> None:
    """Listen until SIGTERM or SIGINT; then answer what has been accepted, and return.

    Raises ConfigurationError where it cannot listen or no model can be loaded, and KeyboardInterrupt after SIGINT.
    """
    write_log(settings.log_format)
    if settings.workers > 1:
        _serve_with_workers(settings, formats)
        return
    models = Models(settings)
    [listener] = _listen(settings)
    with listener:
        server = _serve(settings, models, formats, listener)
    if models.failure is not None:
        raise models.failure
    if server.is_interrupted:
        raise KeyboardInterrupt


def _serve_with_workers(settings: Settings, formats: Sequence[MakeFormat]) -> None:
    _require_workers(settings)
    assert settings.state is not None
    State(settings.state).close()  # what is wrong with it, one process says
    # The threads of a library do not live on in a fork: here it has none.
    models = Models(settings, threads=1)
    listeners = _listen(settings)
    logger.info("listening on %s", _address(listeners[0]))
    models.load()
    if models.failure is not None:
        raise models.failure
    load_detection()  # loaded later, each worker would have it for itself
    if models.devices != {"cpu"}:
        raise ConfigurationError(
            f"NMT_WORKERS is {settings.workers}, and a GPU is for one process; leave it out, or set NMT_DEVICE=cpu"
        )

    def work(worker: Worker) -> None:
        models.compute_in(settings.threads)
        with suppress(ConfigurationError):  # without any model now, those of the parent are served on
            models.reload()  # before the first request: the folder may be another than when the parent loaded it
        _serve(settings, models, formats, listeners[worker.number - 1], worker)

    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener)
        folder = stack.enter_context(TemporaryDirectory(prefix="metrics-", dir=settings.state))
        workers = Workers(settings.workers, work, metrics=Path(folder))
        workers.run()
    if workers.is_interrupted:
        raise KeyboardInterrupt


def _serve(
    settings: Settings,
    models: Models,
    formats: Sequence[MakeFormat],
    listener: socket.socket,
    worker: Worker | None = None,
) -> _Server:
    """Serve until a signal, and return the server."""
    gate, address = Gate(models), _address(listener)
    who = "" if worker is None else f" worker={worker.number}"
    greeting = f"{READY}{who}: the page is at {address}, the API at {address}/docs"
    app = _assemble(settings, models, formats, gate, greeting=greeting, worker=worker)
    server = _Server(app, models, gate, settings, worker)
    if worker is None:
        logger.info("listening on %s", address)
    server.run(sockets=[listener])
    return server


def _assemble(
    settings: Settings,
    models: Models,
    formats: Sequence[MakeFormat],
    gate: Gate,
    *,
    greeting: str,
    worker: Worker | None = None,
) -> FastAPI:
    metrics = Metrics(worker)
    # How many batches these threads translate at a time is the scheduler's to say: some have every core to themselves.
    threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="translator")
    scheduler = Scheduler(settings, metrics, threads)
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
        called = asyncio.Event()
        if worker is not None:
            asyncio.get_running_loop().add_signal_handler(RELOAD, called.set)
        loading = asyncio.create_task(_load(models, threads, metrics, greeting))
        watching = asyncio.create_task(_watch(models, metrics, settings.reload_seconds, called))
        working_off = asyncio.create_task(documents.run())
        yield
        models.abandon()
        watching.cancel()
        working_off.cancel()
        await asyncio.gather(working_off, return_exceptions=True)
        await loading
        watchdog.stop()
        threads.shutdown()
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
        redirect_slashes=False,  # RootPath takes them away
    )
    for wire_format in wire_formats:
        app.include_router(wire_format.routes, dependencies=[Depends(door(gate, access, wire_format))])
    app.include_router(operations_routes(models, metrics, gate, watchdog, admin_token=settings.admin_token, worker=worker))
    app.include_router(page_routes())

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return app.openapi()

    install_error_handlers(app, wire_formats)
    _add_layers(app, settings, metrics, wire_formats, gate)
    return app


def _add_layers(app: FastAPI, settings: Settings, metrics: Metrics, wire_formats: WireFormats, gate: Gate) -> None:
    """What every request passes before it is routed."""
    # The last one added is the outermost.
    app.add_middleware(WayOut, gate=gate)
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


async def _load(models: Models, threads: ThreadPoolExecutor, metrics: Metrics, greeting: str) -> None:
    await asyncio.get_running_loop().run_in_executor(threads, models.load)
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


async def _watch(models: Models, metrics: Metrics, seconds: float, called: asyncio.Event) -> None:
    """Look at the folder of models now and then and when `called`, and load what has changed."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds or None):
                await called.wait()
        called.clear()
        try:
            if not (models.ready and await asyncio.to_thread(models.has_changed)):
                continue
            # A model that is being copied is not whole yet. If it takes longer, the next look finds it changed again.
            await asyncio.sleep(min(seconds, 1.0))
            await asyncio.to_thread(models.reload)
        except (ConfigurationError, OSError) as error:
            logger.error("the models are served as they were: %s", error)
        _count(models, metrics)


def _count(models: Models, metrics: Metrics) -> None:
    metrics.models.set(len(models))
    metrics.unusable_models.set(len(models.unusable))


class _Server(uvicorn.Server):
    """Stops on SIGTERM, on SIGINT, and where there is no model to serve.

    A signal closes the gate: what is accepted is answered, and what comes is refused in words. A second one ends it at once.
    """

    def __init__(self, app: ASGIApp, models: Models, gate: Gate, settings: Settings, worker: Worker | None) -> None:
        room = max(_FEWEST_CONNECTIONS, _files() - _BACKLOG - _OTHER_FILES)
        connections = Connections(most=min(settings.max_connections, room))
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(Any, partial(Connection, connections)),
                ws="none",  # no library for it is loaded; see Connection
                backlog=_BACKLOG,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                h11_max_incomplete_event_size=LONGEST_HEAD,
                timeout_graceful_shutdown=int(settings.request_timeout) + 5,
            )
        )
        self._models, self._gate, self._worker = models, gate, worker
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
        if self._worker is not None:
            # Its parent counts signals; whoever ends a group of processes tells them all.
            if number == signal.SIGTERM and not self._gate.is_closing:
                self._close_gate()
            return
        self.should_exit = self._gate.is_closing  # the second time
        self._close_gate()
        self.is_interrupted = self.is_interrupted or number == signal.SIGINT

    def _close_gate(self) -> None:
        self._gate.is_closing, self._closed_at = True, time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        if self._worker is not None and self._worker.is_orphan and not self._gate.is_closing:
            logger.error("worker=%d ends: its parent has ended", self._worker.number)
            self._close_gate()
        is_late = time.monotonic() - self._closed_at > self._seconds
        is_done = self._gate.is_closing and (is_late or not self._gate.accepted)
        return await super().on_tick(counter) or is_done or self._models.failure is not None


def _require_workers(settings: Settings) -> None:
    """Raises ConfigurationError where several processes cannot serve with these settings."""
    asked = f"NMT_WORKERS is {settings.workers}"
    if settings.state is None:
        raise ConfigurationError(
            f"{asked} without NMT_STATE, the folder by which workers agree about documents, glossaries, keys and counts"
        )


def _files() -> int:
    """The most files that the process may have open."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 20 if limit == resource.RLIM_INFINITY else limit


def _listen(settings: Settings) -> list[socket.socket]:
    """A listening socket for each worker, all of one address."""
    listeners = [_listener(settings, settings.port)]
    port = listeners[0].getsockname()[1]
    return [*listeners, *(_listener(settings, port) for _ in range(settings.workers - 1))]


def _listener(settings: Settings, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, port), family=family, backlog=2048, reuse_port=settings.workers > 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {port}: {error.strerror or error}; choose another (NMT_PORT)"
        ) from error
    # `create_server` leaves the protocol open (0), and each accepted connection takes it over. asyncio turns off Nagle's
    # algorithm only where the protocol is TCP; with it, the second packet of an answer waits 40 ms for the client to confirm
    # the first. A socket made from a descriptor asks the system for its protocol.
    return socket.socket(fileno=listener.detach())


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
