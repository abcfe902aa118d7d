"""The application, put together; and the server that runs it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import metadata
from typing import Any

import uvicorn
from fastapi import FastAPI

from nmt.errors import ConfigurationError
from service.errors import install_error_handlers
from service.metrics import Metrics
from service.middleware import BodyLimit, Observation, SecurityHeaders
from service.models import Models
from service.routes.operations import operations_routes
from service.routes.page import page_routes
from service.routes.translation import translation_routes
from service.scheduler import Scheduler
from service.settings import Settings

logger = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The service. Models are loaded in the background once it starts. Raises ConfigurationError where there are none."""
    models = Models(settings)
    return _create_app(
        settings,
        models,
        on_ready=lambda: logger.info("ready"),
        on_failure=lambda: logger.error("%s", models.failure),
    )


def _create_app(
    settings: Settings, models: Models, *, on_ready: Callable[[], None], on_failure: Callable[[], None]
) -> FastAPI:
    metrics = Metrics()
    # How many batches these threads translate at a time is the scheduler's to say: some have every core to themselves.
    worker = ThreadPoolExecutor(settings.threads, thread_name_prefix="translator")
    scheduler = Scheduler(settings, metrics, worker)

    async def load() -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(worker, models.load)
        except Exception as error:
            models.failure = error
            on_failure()
        else:
            metrics.models.set(sum(map(len, models.pairs().values())))
            on_ready()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(load())
        yield
        await loading
        worker.shutdown()

    app = FastAPI(
        title="nmt",
        description="Neural machine translation with models of your own, on your own machine.",
        version=metadata.version("nmt"),
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(translation_routes(settings, models, scheduler))
    app.include_router(operations_routes(models, metrics))
    app.include_router(page_routes())

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return app.openapi()

    install_error_handlers(app)
    for middleware, options in (
        (BodyLimit, {"settings": settings}),
        (Observation, {"metrics": metrics}),
        (SecurityHeaders, {}),
    ):
        app.add_middleware(middleware, **options)  # the last one added is the outermost
    return app


def serve(settings: Settings) -> None:
    """Listen until SIGTERM or SIGINT; then answer what has been accepted, and return.

    Raises ConfigurationError where it cannot listen or there are no models, and what loading raised for a damaged one.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    models = Models(settings)
    address = ""
    app = _create_app(
        settings,
        models,
        on_ready=lambda: logger.info("ready: the page is at %s, the API at %s/docs", address, address),
        on_failure=lambda: stop(),
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.request_timeout) + 5,
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:
        server.should_exit = True

    # The server raises a signal that stopped it once more when it is through; without this the process would die of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with _listen(settings) as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        logger.info("listening on %s", address)
        server.run(sockets=[listener])
    if models.failure is not None:
        raise models.failure


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}; choose another (NMT_PORT)"
        ) from error
