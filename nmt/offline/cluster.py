"""The machines of a Ray cluster, which share the windows of one job.

The windows come from one stream and go to one stream, in order, and a bounded queue of them keeps memory constant: plain Ray
tasks do, without Ray Data. A task may run wherever there is room, so that machines that come are used, and the work of
those that go is done again elsewhere; an actor would wait for room of its own.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import ray
from ray.exceptions import RayError, RayTaskError

from nmt.checkpoint.directory import verify
from nmt.config.process import limit_primitive_cache
from nmt.config.version import VERSION
from nmt.errors import ConfigurationError, NmtError, OfflineError
from nmt.files.atomic import unchanged
from nmt.offline.job import Loaded, TranslationJob
from nmt.offline.windows import LineWindow, Supply, Windows
from nmt.translate.translator import Translator

_TRIES = 4  # of a window whose worker or machine is lost each time
_PATIENCE = 5.0  # seconds


class Cluster:
    """Workers wherever Ray has room for one, each with `job.threads` CPUs (by default 1) and, on "cuda", a GPU.

    `address` is HOST:PORT of the cluster's head. None is what Ray makes of it: RAY_ADDRESS in the environment, or the
    cluster that this machine is part of, or a new one of this machine alone. Every machine needs this version of nmt; the
    models are sent to it. "auto" is "cuda" where the cluster has GPUs: all workers are alike, as their output must be.
    Raises ConfigurationError, ModelDirectoryError, OfflineError.
    """

    def __init__(self, job: TranslationJob, *, address: str | None) -> None:
        packed = tuple(_pack(directory) for directory in job.directories)
        _connect(address)
        self.device = job.device if job.device != "auto" else "cuda" if ray.cluster_resources().get("GPU") else "cpu"
        self._threads = job.threads or 1
        self._job = replace(job, device=self.device, threads=self._threads)
        self._packed = ray.put(packed)
        self._remote = ray.remote(num_cpus=self._threads, num_gpus=self._gpus, max_retries=_TRIES - 1)
        self._task = self._remote(_translate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        ray.shutdown()

    @cached_property
    def loaded(self) -> Loaded:
        """What a machine of the cluster says of the loaded models. Raises OfflineError and what loading does."""
        self._room()
        task = self._remote(_load).remote(self._job, [self._packed], VERSION)
        loaded: Loaded = _get(task, "loading the models")
        return loaded

    def translate(self, windows: Windows) -> Iterator[tuple[LineWindow, str]]:
        """Each window and its output, in order; twice as many windows as there is room for workers are held at the most.

        Raises OfflineError where a window fails, and whatever a worker says about a mistake of the user.
        """
        held: deque[tuple[LineWindow, Any]] = deque()
        supply = Supply(windows)
        while True:
            for window in supply.take(held=len(held), most=2 * self._room()):
                # In a list, the models are fetched by the first task of a worker and not by each.
                held.append((window, self._task.remote(self._job, [self._packed], VERSION, window)))
            if not held:
                return
            window, output = held.popleft()
            yield window, str(_get(output, f"lines {window.first} to {window.last}"))

    @property
    def _gpus(self) -> int:
        return int(self.device == "cuda")

    def _room(self) -> int:
        """The number of workers that the cluster has room for now. Raises OfflineError where it is none."""
        machines = [machine["Resources"] for machine in ray.nodes() if machine["Alive"]]
        workers = [int(machine.get("CPU", 0)) // self._threads for machine in machines]
        if self._gpus:
            workers = [min(most, int(machine.get("GPU", 0))) for most, machine in zip(workers, machines, strict=True)]
        if not sum(workers):
            wanted = f"{self._threads} CPUs (--threads)" + (" and a GPU" if self._gpus else "")
            raise OfflineError(f"no machine of the Ray cluster has {wanted} for a worker")
        return sum(workers)


def _connect(address: str | None) -> None:
    if address is not None:
        _reach(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # tell nobody
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise OfflineError(f"the Ray cluster {address or 'of this machine'} cannot be used: {error}") from error


def _reach(address: str) -> None:
    """Raises ConfigurationError, OfflineError. Ray itself would try for many minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535 or "/" in host:
        raise ConfigurationError(
            f"--address {address} should be HOST:PORT of the head of a Ray cluster, as in 10.0.0.1:6379"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise OfflineError(f"the Ray cluster {address} cannot be reached: {error.strerror or error}") from error


def _pack(directory: Path) -> Mapping[str, bytes]:
    return unchanged(directory, lambda: {name: path.read_bytes() for name, path in verify(directory).items()})


def _get(output: Any, work: str) -> Any:
    """The result of some `work` on the cluster, which is called so in messages."""
    try:
        return ray.get(output)
    except RayTaskError as error:
        cause = error.cause
        if isinstance(cause, NmtError):
            raise cause from error
        reason = f"{type(cause).__name__}: {cause}"
    except RayError as error:
        reason = f"lost {_TRIES} times, the last one with {type(error).__name__}: {error}"
    raise OfflineError(f"{work}: {reason}")


def _translate(job: TranslationJob, packed: list[Any], version: str, window: LineWindow) -> str:
    """The output of `window`, in a process of the cluster."""
    limit_primitive_cache()
    _check_version(version)
    return job.translate(_translator(job, packed[0]), window)


def _load(job: TranslationJob, packed: list[Any], version: str) -> Loaded:
    limit_primitive_cache()
    _check_version(version)
    return Loaded.of(_translator(job, packed[0]))


def _check_version(version: str) -> None:
    if version != VERSION:
        raise OfflineError(f"{socket.gethostname()} has nmt {VERSION}; all machines should have {version}")


@lru_cache(maxsize=1)
def _translator(job: TranslationJob, packed: Any) -> Translator:
    """Loaded once in each process, which Ray gives one task after another."""
    with TemporaryDirectory(prefix="nmt-") as folder:
        places = tuple(Path(folder, str(number)) for number in range(len(job.directories)))
        for place, files in zip(places, ray.get(packed), strict=True):
            place.mkdir()
            for name, content in files.items():
                (place / name).write_bytes(content)
        count = len(job.models)
        return replace(job, models=places[:count], language_model=next(iter(places[count:]), None)).load()
