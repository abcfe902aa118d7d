"""Our models and the peers, decoding the same text side by side in one run.

Each system translates raw text to raw text. What is compared is the time of decoding alone, as each system's own log (or
ours) has it, without start-up and loading; beside it are the time of the whole process, memory and BLEU. The systems take
turns, repeat by repeat, so that a slow minute of the machine hits them all, and each waits until the machine is quiet.

    python tests/benchmarks/peers.py PEERS --model checkpoints/NAME --source test.de --reference test.en

PEERS is a folder with the peers installed: for each a script `translate.sh IN OUT BEAM BATCH`, which takes THREADS, MODEL
and LOG from the environment.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from nmt.bench.machine import this_machine
from nmt.bench.plan import Setting
from nmt.bench.run import measure
from nmt.errors import NmtError
from nmt.evaluation.metrics import METRICS, Score, TestSet

LSTM, TRANSFORMER, OURS = "LSTM", "Transformer", "ours"
DECODING = {
    "opennmt-py": r"Total translation time \(s\): ([0-9.]+)",
    "fairseq": r"translation time: ([0-9.]+)",
    "joeynmt": r"Generation took ([0-9.]+)",
    "marian": r"Total time: ([0-9.]+)s",
    "ctranslate2": r"decode ([0-9.]+) s",
}
LONGEST = 900.0  # seconds of one run; beside other processes OpenMP's threads wait for each other very long
DEFAULT = [(5, 64), (1, 64), (5, 1), (1, 1)]  # beam, batch
QUIET = 0.93  # of the time of all cores idle
DRIVER = Path(__file__).with_name("ctranslate2_workers.py")


@dataclass(frozen=True)
class Task:
    source: Path
    references: list[str]
    beam: int
    batch: int


@dataclass(frozen=True)
class System:
    """`translate` does a task, writes the translations to a file, and returns the seconds that decoding took."""

    name: str
    kind: str
    translate: Callable[[Task, Path], float]


@dataclass(frozen=True)
class Trial:
    """One run of one system. Memory is in bytes, times in seconds."""

    decode: float
    whole: float
    largest_process: int
    all_processes: int
    others_cpu: float  # what other processes of the machine took meanwhile
    quiet: bool
    words: int  # translated: what is shorter is done sooner
    score: Score


def main() -> None:
    arguments = parse()
    systems = [*our_systems(arguments), *peer_systems(arguments)]
    trials: dict[tuple[int, int], dict[str, list[Trial]]] = {}
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, references = text(arguments, Path(folder))
        for repeat in range(arguments.repeat):
            for beam, batch in arguments.settings:
                task = Task(source, references, beam, batch)
                for system in systems:
                    try:
                        trial = attempt(system, task, Path(folder), patience=arguments.patience)
                    except (NmtError, OSError, ValueError, RuntimeError, subprocess.TimeoutExpired) as error:
                        failures[f"{system.name}, beam {beam}, batch {batch}"] = str(error)
                        continue
                    trials.setdefault((beam, batch), {}).setdefault(system.name, []).append(trial)
                    speed = len(references) / trial.decode
                    print(
                        f"repeat {repeat + 1}  beam {beam}  batch {batch}  {system.name}: {speed:.1f} sentences/s",
                        flush=True,
                    )
                    save(arguments, systems, trials, failures, len(references))
    print(table(systems, trials, failures, len(references)))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", type=Path, help="the folder of the peers")
    parser.add_argument("--model", type=Path, action="append", default=[], help="a model directory of ours; may be repeated")
    parser.add_argument(
        "--ours", nargs="+", default=["2x1", "1x1"], metavar="2x1:int8", help="processes x threads of each, and a runtime"
    )
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--peer", nargs="*", default=list(DECODING), choices=list(DECODING))
    parser.add_argument("--peer-model", nargs="*", default=[], metavar="PEER=FILE", help="in place of the peer's own model")
    parser.add_argument(
        "--settings", nargs="+", type=setting, default=[(5, 64), (1, 64), (5, 1), (1, 1)], metavar="BEAM:BATCH"
    )
    parser.add_argument("--threads", type=int, default=2, help="of each peer")
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds to wait for a quiet machine before each run")
    parser.add_argument("--output", type=Path, required=True, help="the table, in Markdown; beside it the figures, in JSON")
    return parser.parse_args()


def setting(text: str) -> tuple[int, int]:
    beam, batch = text.split(":")
    return int(beam), int(batch)


def text(arguments: argparse.Namespace, folder: Path) -> tuple[Path, list[str]]:
    """The first sentences, as a file, and their references."""
    sources, references = (lines_of(path)[: arguments.sentences] for path in (arguments.source, arguments.reference))
    (folder / "source").write_text("".join(f"{line}\n" for line in sources), encoding="utf-8")
    return folder / "source", references


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def our_systems(arguments: argparse.Namespace) -> Iterator[System]:
    for model in arguments.model:
        for shape in arguments.ours:
            numbers, _, runtime = shape.partition(":")
            workers, threads = (int(number) for number in numbers.split("x"))
            how = partial(Setting, workers=workers, threads=threads, device="cpu", runtime=runtime or "auto")
            name = f"{model.name}, {workers} × {threads} {runtime}".strip()
            yield System(name, OURS, partial(translate_with_ours, model=model, how=how))


def translate_with_ours(task: Task, output: Path, *, model: Path, how: Callable[..., Setting]) -> float:
    setting = how(beam_size=task.beam, batch_size=task.batch)
    run = measure(str(model), setting, lines_of(task.source), warm_up=0.0)
    output.write_text("".join(f"{line}\n" for line in run.translations), encoding="utf-8")
    return run.seconds


def peer_systems(arguments: argparse.Namespace) -> Iterator[System]:
    models = dict(given.split("=", 1) for given in arguments.peer_model)
    for peer in arguments.peer:
        folder = arguments.peers.resolve() / peer
        environment = {"THREADS": str(arguments.threads)}
        if peer == "ctranslate2":
            yield from ctranslate2_systems(folder, arguments.threads)
            continue
        if peer in models:
            environment["MODEL"] = str(folder / models[peer])
        script = [str(folder / "translate.sh")]
        yield System(peer, LSTM, partial(translate_with_script, peer=peer, script=script, environment=environment))


def ctranslate2_systems(folder: Path, threads: int) -> Iterator[System]:
    """In both number formats; with its threads in one batch, and with one batch for each thread, as ours may be run."""
    for kind, model in (("float32", folder / "model-small"), ("int8", folder / "model-small-int8")):
        for workers in dict.fromkeys((1, threads)):
            shape = f"{workers} × {threads // workers}"
            command = [
                str(folder / "venv/bin/python"),
                str(DRIVER),
                str(folder.parent / "common/spm.model"),
                str(model),
                kind,
            ]
            command += [str(workers), str(threads // workers)]
            yield System(
                f"ctranslate2 {kind}, {shape}",
                TRANSFORMER,
                partial(translate_with_script, peer="ctranslate2", script=command, environment={}),
            )


def translate_with_script(task: Task, output: Path, *, peer: str, script: list[str], environment: dict[str, str]) -> float:
    log, said = output.with_suffix(".log"), output.with_suffix(".said")
    log.unlink(missing_ok=True)
    command = [*script, str(task.source), str(output), str(task.beam), str(task.batch)]
    with said.open("w") as stream:
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=stream,
            env={**os.environ, **environment, "LOG": str(log)},
            start_new_session=True,  # so that what the script starts can be ended with it
        )
        try:
            status = process.wait(LONGEST)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    everything = "".join(path.read_text(encoding="utf-8", errors="replace") for path in (log, said) if path.exists())
    if status:
        raise RuntimeError(" ".join(everything.split())[-300:] or f"status {status}")
    found = re.findall(DECODING[peer], everything)
    if not found:
        raise ValueError(f"no line like {DECODING[peer]} in what it said")
    return float(found[-1])


def attempt(system: System, task: Task, folder: Path, *, patience: float) -> Trial:
    output = folder / "output"
    output.unlink(missing_ok=True)
    quiet = wait_until_quiet(patience)
    busy, own, began = busy_seconds(), children_seconds(), time.monotonic()
    with memory_of_children() as memory:
        decode = system.translate(task, output)
    whole = time.monotonic() - began
    hypotheses = lines_of(output)
    if len(hypotheses) != len(task.references):
        raise ValueError(f"{len(hypotheses)} lines for {len(task.references)}")
    return Trial(
        decode=decode,
        whole=whole,
        largest_process=memory["largest"],
        all_processes=memory["all"],
        others_cpu=max(0.0, (busy_seconds() - busy) - (children_seconds() - own)),
        quiet=quiet,
        words=sum(len(line.split()) for line in hypotheses),
        score=METRICS["bleu"](TestSet(references=(task.references,))).score(hypotheses),
    )


def wait_until_quiet(patience: float) -> bool:
    start = time.monotonic()
    while True:
        before, began = busy_seconds(), time.monotonic()
        time.sleep(1.0)
        if busy_seconds() - before < (1.0 - QUIET) * (time.monotonic() - began) * (os.cpu_count() or 1):
            return True
        if time.monotonic() - start > patience:
            return False


def busy_seconds() -> float:
    """Of all cores together since the machine started, for whatever reason, a hypervisor's included."""
    user, nice, system, _, _, *rest = (int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def memory_of_children() -> Iterator[dict[str, int]]:
    """The most memory that one process below this one had, and that all had at once, what they share counted in each."""
    found, over = {"largest": 0, "all": 0}, threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            sizes = [memory(process) for process in descendants(os.getpid())]
            found["largest"] = max([found["largest"], *(peak for peak, _ in sizes)])
            found["all"] = max(found["all"], sum(now for _, now in sizes))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def descendants(process: int) -> Iterator[int]:
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield child
        yield from descendants(child)


def memory(process: int) -> tuple[int, int]:
    """Its peak, and what it has now."""
    try:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    except OSError:
        return 0, 0
    peak, now = (int(status.get(name, "0 kB").split()[0]) * 1024 for name in ("VmHWM", "VmRSS"))
    return peak, now


def save(
    arguments: argparse.Namespace,
    systems: list[System],
    trials: dict[tuple[int, int], dict[str, list[Trial]]],
    failures: dict[str, str],
    sentences: int,
) -> None:
    """After each run, so that what is there is not lost."""
    arguments.output.write_text(table(systems, trials, failures, sentences), encoding="utf-8")
    figures = [
        {"beam": beam, "batch": batch, "system": name, "trials": [asdict(trial) for trial in some]}
        for (beam, batch), by_name in trials.items()
        for name, some in by_name.items()
    ]
    report = {"machine": asdict(this_machine()), "sentences": sentences, "figures": figures, "failures": failures}
    arguments.output.with_suffix(".json").write_text(json.dumps(report, indent=1), encoding="utf-8")


def table(
    systems: list[System], trials: dict[tuple[int, int], dict[str, list[Trial]]], failures: dict[str, str], sentences: int
) -> str:
    machine = this_machine()
    signature = next((one.score.signature for by_name in trials.values() for some in by_name.values() for one in some), "")
    lines = [
        f"{machine.processor}, {machine.cores} cores, torch {machine.torch}; {sentences} sentences.",
        "Medians of decoding alone; in brackets the slowest and the fastest repeat.",
        "Memory is the largest process's / all processes' at once.",
        f"BLEU: {signature}.",
    ]
    for (beam, batch), by_name in trials.items():
        speeds = {name: sentences / median(one.decode for one in some) for name, some in by_name.items()}
        best = {
            kind: max((speeds[one.name] for one in systems if one.kind == kind and one.name in speeds), default=None)
            for kind in (LSTM, TRANSFORMER)
        }
        lines += ["", f"### Beam {beam}, batch {batch}", "", *HEAD]
        lines += [row(one, by_name[one.name], sentences, best) for one in systems if one.name in by_name]
    lines += ["", *(f"Failed: {name}: {reason}" for name, reason in failures.items())]
    return "\n".join(lines) + "\n"


HEAD = (
    "| system | sentences/s | × fastest LSTM peer | × fastest CTranslate2 | whole, s | memory, MiB | words | BLEU | quiet |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---|",
)


def row(system: System, some: list[Trial], sentences: int, best: dict[str, float | None]) -> str:
    speed = sentences / median(one.decode for one in some)
    slowest, fastest = (sentences / pick(one.decode for one in some) for pick in (max, min))
    ratios = (f"{speed / against:.2f}" if against else "–" for against in (best[LSTM], best[TRANSFORMER]))
    peaks = (median(getattr(one, name) for one in some) / 2**20 for name in ("largest_process", "all_processes"))
    cells = [
        system.name,
        f"{speed:.1f} [{slowest:.1f}–{fastest:.1f}]",
        *ratios,
        f"{median(one.whole for one in some):.1f}",
        " / ".join(f"{peak:.0f}" for peak in peaks),
        f"{median(one.words for one in some):.0f}",
        f"{median(one.score.value for one in some):.1f}",
        "yes" if all(one.quiet for one in some) else "no",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
