"""nmt serve --models checkpoints"""

from __future__ import annotations

from nmt.cli import options as args
from nmt.cli.service import service_module


def serve(
    models: args.ServedModels = None,
    host: args.Host = None,
    port: args.Port = None,
    root_path: args.RootPath = None,
    workers: args.ServiceWorkers = None,
) -> None:
    """Serve the models over HTTP. Settings that are not given here are read from the environment (NMT_PORT, ...)."""
    given = {"models": models, "host": host, "port": port, "root_path": root_path, "workers": workers}
    settings = service_module("settings").read_settings({name: value for name, value in given.items() if value is not None})
    service_module("app").serve(settings)
