"""How fast we and the peers train a network of the same shape on the same text, in turns on the same cores.

    python tests/benchmarks/training_speed.py PEERS --corpora DIR

PEERS is a folder with the peers installed: for each a script `train_speed.sh`, which trains the peer's network of that shape
on batches of 4,096 target tokens with THREADS threads and ends with "steady state, target tokens/s: median N". Ours is that
of `data/multi30k-de-en-large`, with as many tokens in a batch, in each precision: one process with all the threads, and (by
torchrun) one process for each. The first report of a run is left out in all.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

PEERS = ("opennmt-py", "fairseq", "joeynmt", "marian")
STEADY = r"steady state, target tokens/s: median ([0-9.]+)"
RECIPE = Path(__file__).parents[2] / "data" / "multi30k-de-en-large" / "recipe.yaml"
TOKENS = 2 * 4096  # source and target
LOGGED = 50  # updates
LONGEST = 1200.0  # seconds of one run


def main() -> None:
    arguments = parse()
    speeds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        run([nmt(), "prepare", RECIPE, "--corpora", arguments.corpora, "--output", folder], threads=arguments.threads)
        for repeat in range(arguments.repeat):
            for name, measure in systems(arguments, prepared).items():
                speeds.setdefault(name, []).append(measure())
                print(f"repeat {repeat + 1}  {name}: {speeds[name][-1]:,.0f} target tokens/s", flush=True)
    print(limits(arguments.threads))
    fastest = max(median(speeds[name]) for name in arguments.peer)
    print("| system | target tokens/s | × fastest peer |\n|---|---:|---:|")
    for name, some in speeds.items():
        spread = f"{median(some):,.0f} [{min(some):,.0f}–{max(some):,.0f}]"
        print(f"| {name} | {spread} | {median(some) / fastest:.2f} |")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", type=Path, help="the folder of the peers")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that has multi30k/train.de.gz and so on")
    parser.add_argument("--peer", nargs="+", default=list(PEERS), choices=PEERS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--reports", type=int, default=3, help=f"of {LOGGED} updates each, in a run of ours")
    parser.add_argument("--repeat", type=int, default=3)
    return parser.parse_args()


def systems(arguments: argparse.Namespace, prepared: Path) -> dict[str, Callable[[], float]]:
    ours = partial(train_ours, prepared, reports=arguments.reports)
    found: dict[str, Callable[[], float]] = {}
    for precision in ("bfloat16", "float32"):
        for processes in dict.fromkeys((1, arguments.threads)):
            threads = arguments.threads // processes
            found[f"ours, {precision}, {processes} × {threads}"] = partial(
                ours, precision=precision, processes=processes, threads=threads
            )
    for peer in arguments.peer:
        found[peer] = partial(train_peer, arguments.peers.resolve() / peer, threads=arguments.threads)
    return found


def train_ours(prepared: Path, *, reports: int, precision: str, processes: int, threads: int) -> float:
    settings = {
        "training.batch_tokens": TOKENS // processes,  # all processes together take one batch of the peers' size
        "training.max_updates": (reports + 1) * LOGGED,
        "training.validation_sentences": 1,
        "training.precision": precision,
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "prepared").symlink_to(prepared)
        command: list[object] = [nmt(), "train", RECIPE, "--output", folder, "--device", "cpu"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        if processes > 1:
            torchrun = [sys.executable, "-m", "torch.distributed.run", "--no-python", "--nproc-per-node", processes]
            command = [*torchrun, *command]
        run(command, threads=threads)
        log = (Path(folder) / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()
        windows = [entry["tokens_per_second"] for entry in map(json.loads, log) if entry["kind"] == "training"]
        return median(windows[1:])


def train_peer(folder: Path, *, threads: int) -> float:
    said = run([folder / "train_speed.sh"], threads=threads)
    found = re.findall(STEADY, said)
    if not found:
        raise SystemExit(f"{folder}/train_speed.sh: no line like {STEADY} in what it said: {said[-500:]}")
    return float(found[-1])


def limits(threads: int) -> str:
    """The machine's speed at a product of this network's size, in the precisions that it may be trained in."""
    code = (
        "import torch; from nmt.runtime.limits import product_speed as speed\n"
        "size, cpu = (2048, 1024, 2048), torch.device('cpu')\n"
        "for kind in (torch.float32, torch.bfloat16):\n"
        "    print(kind, round(speed(*size, device=cpu, dtype=kind) / 1e9), 'GFLOP/s', end='; ')\n"
        "torch.set_float32_matmul_precision('medium')\n"
        "print('float32 by oneDNN', round(speed(*size, device=cpu) / 1e9), 'GFLOP/s')\n"
    )
    return run([sys.executable, "-c", code], threads=threads).strip()


def nmt() -> Path:
    return Path(sys.executable).with_name("nmt")


def run(command: list[object], *, threads: int) -> str:
    """What it says. Ends the comparison where it fails: a table without one of the systems would not be one."""
    environment = {**os.environ, "THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: status {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    main()
