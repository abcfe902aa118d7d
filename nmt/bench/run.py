"""Measuring: every repeat of every setting in processes of its own, and the machine's limits in as many."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from itertools import chain, pairwise
from statistics import median
from typing import Any

from nmt.bench.machine import this_machine
from nmt.bench.plan import BenchmarkPlan, Setting, batches_of
from nmt.bench.report import MachineLimits, ProductSpeed, Report, Run, summarise
from nmt.config.pytorch import require_pytorch
from nmt.config.version import VERSION
from nmt.errors import BenchmarkError, ConfigurationError

WARM_UP = 2.0  # seconds


def benchmark(plan: BenchmarkPlan, sentences: Sequence[str], *, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Measure every setting of `plan` so often as it says, in turns, so that a slow minute of the machine hits them all.

    `progress` is told how many runs are done. Raises BenchmarkError, ConfigurationError.
    """
    require_pytorch("nmt bench, which measures matrix products beside the translations,")
    settings = plan.settings
    runs: dict[Setting, list[Run]] = {setting: [] for setting in settings}
    limits = measure_limits(plan)
    done = 0
    for _ in range(plan.repeat):
        for setting in settings:
            runs[setting].append(measure(str(plan.model), setting, sentences))
            progress(done := done + 1)
    return Report(
        version=VERSION,
        model=plan.model.resolve().name,
        machine=this_machine(),
        repeat=plan.repeat,
        limits=limits,
        results=tuple(
            summarise(setting, runs[setting], flops, limits)
            for setting, flops in zip(settings, _flops(plan, sentences, runs), strict=True)
        ),
    )


def measure(model: str, setting: Setting, sentences: Sequence[str], *, warm_up: float = WARM_UP) -> Run:
    """Translate `sentences` once. `warm_up` is how many seconds each process may translate before that.

    Raises BenchmarkError, ConfigurationError.
    """
    batches = batches_of(sentences, setting.batch_size)
    if len(batches) < setting.workers:
        raise ConfigurationError(
            f"{setting.workers} workers have not enough to do: {len(sentences)} sentences are {len(batches)} batches "
            f"of {setting.batch_size}; use fewer workers, smaller batches or more text"
        )
    shares = [batches[worker :: setting.workers] for worker in range(setting.workers)]
    request = {"task": "translate", "model": model, "setting": asdict(setting), "warm_up": warm_up}
    spawned = time.monotonic()
    texts = [[[sentences[number] for number in batch] for batch in share] for share in shares]
    ready, done = _together([request | {"spawned": spawned, "batches": share} for share in texts])
    ended = time.monotonic()
    translations = {
        number: text
        for share, one in zip(shares, done, strict=True)
        for number, text in zip(chain.from_iterable(share), one["translations"], strict=True)
    }
    slowest = ("torch_import_seconds", "load_seconds", "first_translation_seconds")
    summed = ("source_tokens", "target_tokens", "peak_memory_bytes", "peak_gpu_memory_bytes")
    return Run(
        seconds=max(one["ends"][-1] for one in done) - min(one["ends"][0] for one in done),
        process_seconds=ended - spawned,
        latencies=tuple(after - before for one in done for before, after in pairwise(one["ends"])),
        threads=ready[0]["threads"],
        runtime=ready[0]["runtime"],
        complaint=ready[0]["complaint"],
        translations=tuple(translations[number] for number in range(len(sentences))),
        **{name: max(one[name] for one in ready) for name in slowest},
        **{name: sum(one[name] for one in done) for name in summed},
    )


def measure_limits(plan: BenchmarkPlan) -> MachineLimits:
    """The machine's limits with the workers, threads and batches of `plan`. Raises BenchmarkError."""
    rows = sorted({setting.beam_size * setting.batch_size for setting in plan.settings})
    request = {"task": "limits", "model": str(plan.model), "rows": rows, "device": plan.device, "threads": plan.threads}
    ready, done = _together([request] * plan.workers)
    return MachineLimits(
        device=ready[0]["device"],
        products=tuple(_sum_of_products(each) for each in zip(*(one["products"] for one in done), strict=True)),
        copy_bytes_per_second=sum(one["copy_bytes_per_second"] for one in done),
        launch_seconds=median(one["launch_seconds"] for one in done),
    )


def _sum_of_products(each: Sequence[dict[str, Any]]) -> ProductSpeed:
    """One product, as measured in each process at the same time."""
    speeds: dict[str, Any] = {
        name: None if each[0][name] is None else sum(one[name] for one in each) for name in ("fp32", "fp16", "int8")
    }
    return ProductSpeed(shape=tuple(each[0]["shape"]), **speeds)


def _flops(plan: BenchmarkPlan, sentences: Sequence[str], runs: dict[Setting, list[Run]]) -> list[float]:
    """Operations that the translations of each setting cannot do without."""
    translated = [
        {
            "sentences": len(some[0].translations),
            "source_tokens": some[0].source_tokens,
            "target_tokens": some[0].target_tokens,
            "beam_size": setting.beam_size,
        }
        for setting, some in runs.items()
    ]
    runtimes = [some[0].runtime for some in runs.values()]
    request = {"task": "cost", "model": str(plan.model), "sentences": sentences, "translated": translated}
    _, [done] = _together([request | {"runtimes": runtimes}])
    flops: list[float] = done["flops"]
    return flops


def _together(requests: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Answers of a worker process to each request: when it is ready, and, after all are told to go, when it is done.

    The processes have ended when this returns, in whatever way.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker()) for _ in requests]
        for worker, request in zip(workers, requests, strict=True):
            _say(worker, json.dumps(request))
        ready = [_hear(worker, "ready") for worker in workers]
        for worker in workers:
            _say(worker, "go")
        return ready, [_hear(worker, "done") for worker in workers]


@contextmanager
def _worker() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "nmt.bench.worker"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        yield worker
    except BaseException:
        worker.kill()
        raise
    finally:
        for pipe in (worker.stdin, worker.stdout):
            with suppress(OSError):  # what a dead one has not read
                assert pipe is not None
                pipe.close()
        worker.wait()


def _say(worker: subprocess.Popen[str], line: str) -> None:
    assert worker.stdin is not None
    with suppress(BrokenPipeError):  # one that is dead is found out when it is heard
        worker.stdin.write(f"{line}\n")
        worker.stdin.flush()


def _hear(worker: subprocess.Popen[str], what: str) -> dict[str, Any]:
    """The next answer. Raises BenchmarkError for a mistake of the user and where the process died."""
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise BenchmarkError(f"the process that measures ended with status {worker.wait()} before it was {what}")
    answer = json.loads(line)
    if "error" in answer:
        raise BenchmarkError(answer["error"])
    result: dict[str, Any] = answer[what]
    return result
