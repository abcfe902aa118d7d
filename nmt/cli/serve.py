"""nmt serve --models checkpoints"""

from __future__ import annotations

from nmt.cli import options as args


def serve(
    models: args.ServedModels = None,
    host: args.Host = None,
    port: args.Port = None,
    root_path: args.RootPath = None,
    workers: args.ServiceWorkers = None,
) -> None:
    """Serve the models over HTTP. Settings that are not given here are read from the environment (NMT_PORT, ...)."""
    from service.app import serve as run
    from service.settings import read_settings

    given = {"models": models, "host": host, "port": port, "root_path": root_path, "workers": workers}
    run(read_settings({name: value for name, value in given.items() if value is not None}))
