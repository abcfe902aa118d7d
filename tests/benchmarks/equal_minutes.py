"""Networks of equal size, trained for equal minutes of one thread on the same text: what each kind of network is worth.

    OMP_NUM_THREADS=1 python tests/benchmarks/equal_minutes.py FOLDER --corpora DIR --minutes 6

Prepares the text of a recipe in FOLDER/prepared, then, for each network: counts its parameters; measures the CPU time of an
update, all networks in turns; trains it for as many updates as fit into the minutes; and measures how many sentences of the
test set it translates in a second on each runtime, in turns again. What is in FOLDER already is not done again.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from nmt import Translator
from nmt.config.recipe import load_recipe
from nmt.corpus.batching import Position
from nmt.errors import DeviceError
from nmt.evaluation.metrics import TestSet, find_metrics
from nmt.training.build import build_trainer
from nmt.training.trainer import Trainer

ROOT = Path(__file__).parents[2]
NETWORKS: dict[str, dict[str, Any]] = {
    "LSTM": {},
    "A": {
        "model.encoder_kind": "blocks",
        "model.encoder_cell": "olrn",
        "model.encoder_layers": 2,
        "model.encoder_hidden_size": 256,
        "model.encoder_bidirectional": "all",
        "model.feed_forward_size": 512,
        "model.dropout": 0.1,
        "training.learning_rate": 2.5e-3,
    },
    "B": {
        "model.encoder_attention_layers": 1,
        "model.encoder_hidden_size": 320,
    },
    "Transformer": {
        "model.encoder_kind": "transformer",
        "model.encoder_layers": 2,
        "model.encoder_hidden_size": 256,
        "model.decoder_kind": "transformer",
        "model.decoder_layers": 2,
        "model.decoder_hidden_size": 256,
        "model.feed_forward_size": 512,
        "model.dropout": 0.1,
        "training.learning_rate": 2e-3,
        "training.warmup_updates": 400,
    },
}
"""Settings beside those of the recipe; the rates of A and the Transformer did best in 500 updates. Each network has as many
parameters as the LSTM, 5 % more or less, with a vocabulary of 8,000."""
WARM_UP, MEASURED, ROUNDS, DECODINGS = 5, 20, 5, 3
RUNTIMES = ("reference", "int8")


def main() -> None:
    arguments = parse()
    names = arguments.networks
    if not (arguments.folder / "prepared").is_dir():
        run(["prepare", arguments.recipe, "--corpora", arguments.corpora, "--output", arguments.folder])
    seconds = update_seconds({name: trainer(name, arguments) for name in names})
    print(", ".join(f"{name} {1000 * taken:.1f} ms an update" for name, taken in seconds.items()), flush=True)
    for seed, name in itertools.product(arguments.seeds, names):
        updates = round(60 * arguments.minutes / seconds[name])
        train(folder_of(name, seed, arguments), NETWORKS[name], seed=seed, updates=updates, recipe=arguments.recipe)
        print(f"{name}, seed {seed}: trained", flush=True)
    print(table(names, seconds, arguments))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the prepared text and the models")
    parser.add_argument("--recipe", type=Path, default=ROOT / "data" / "multi30k-de-en" / "recipe.yaml")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that has multi30k/train.de.gz and so on")
    parser.add_argument("--minutes", type=float, default=6.0, help="CPU time of all updates; validations come on top")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    return parser.parse_args()


def trainer(name: str, arguments: argparse.Namespace) -> Trainer:
    settings = [f"{key}={value}" for key, value in NETWORKS[name].items()]
    recipe = load_recipe(arguments.recipe, settings)
    return build_trainer(recipe, name=name, directory=arguments.folder, device=torch.device("cpu"))


def update_seconds(trainers: dict[str, Trainer]) -> dict[str, float]:
    """CPU seconds of an update of each network: the least over the rounds, since other work only ever makes it longer."""
    batches = {name: (batch for batch, _ in one.text.batches(Position())) for name, one in trainers.items()}
    found: dict[str, float] = {}
    for count in (WARM_UP, *[MEASURED] * ROUNDS):
        for name, one in trainers.items():
            now = list(itertools.islice(batches[name], count))
            began = time.process_time()
            for batch in now:
                one.update([batch], rate=1e-3, parts=1)
            taken = (time.process_time() - began) / count
            if count != WARM_UP:
                found[name] = min(taken, found.get(name, taken))
    return found


def train(model: Path, settings: dict[str, Any], *, seed: int, updates: int, recipe: Path) -> None:
    """Train `model` on the text that was prepared beside it, if it is not there yet."""
    if (model / "model.safetensors").is_file():
        return
    model.mkdir(exist_ok=True)
    if not (model / "prepared").exists():
        (model / "prepared").symlink_to((model.parent / "prepared").resolve())
    settings = settings | {
        "training.seed": seed,
        "training.max_updates": updates,
        "training.validate_every": -(-updates // 3),
    }
    run(["train", recipe, "--output", model, *(f"--set={key}={value}" for key, value in settings.items())])


def table(names: list[str], seconds: dict[str, float], arguments: argparse.Namespace) -> str:
    """Of each network and seed all that was measured, as Markdown."""
    models = {f"{name}, seed {seed}": folder_of(name, seed, arguments) for name in names for seed in arguments.seeds}
    decoded = decode(models, arguments)
    titles = [
        "network",
        "parameters",
        "ms an update",
        "tokens/s",
        "updates",
        "BLEU, reference",
        "int8",
        "sentences/s",
        "int8",
    ]
    rows = [f"| {' | '.join(titles)} |", "|---|" + "---:|" * (len(titles) - 1)]
    for title, model in models.items():
        entries = [json.loads(line) for line in (model / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
        windows = [entry for entry in entries if entry["kind"] == "training"]
        cells = [
            title,
            f"{entries[0]['parameters']:,}",
            f"{1000 * seconds[title.partition(',')[0]]:.1f}",
            f"{median(entry['tokens_per_second'] for entry in windows):,.0f}",
            f"{windows[-1]['update']:,}",
            *(f"{found.bleu:.2f}" if (found := decoded.get((title, runtime))) else "–" for runtime in RUNTIMES),
            *(f"{found.speed:.0f}" if (found := decoded.get((title, runtime))) else "–" for runtime in RUNTIMES),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", next(iter(decoded.values())).signature])


def folder_of(name: str, seed: int, arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.folder / f"{name.lower()}-{seed}"
    return folder


@dataclass(frozen=True)
class Decoded:
    """The test set, translated by one model on one runtime."""

    bleu: float
    signature: str
    speed: float  # sentences in a CPU second


def decode(models: dict[str, Path], arguments: argparse.Namespace) -> dict[tuple[str, str], Decoded]:
    """Each model on each runtime that can run it, at beam 5, in turns; the speed is the most of the rounds."""
    recipe = load_recipe(arguments.recipe)
    ((text,),) = recipe.preparation.test.values()
    source, reference = (tuple(lines(arguments.corpora / name)) for name in (text.source, text.target))
    metric = find_metrics(["bleu"])["bleu"](TestSet(references=(reference,), language=recipe.target_language))
    found: dict[tuple[str, str], Decoded] = {}
    translators = {}
    for (title, model), runtime in itertools.product(models.items(), RUNTIMES):
        with contextlib.suppress(DeviceError):
            translators[title, runtime] = Translator.load(model, runtime=runtime)
    for _ in range(DECODINGS):
        for key, translator in translators.items():
            began = time.process_time()
            hypotheses = [line.text for line in translator.translate_lines(source)]
            speed = len(source) / (time.process_time() - began)
            score = metric.score(hypotheses)
            before = found[key].speed if key in found else 0.0
            found[key] = Decoded(bleu=score.value, signature=score.signature, speed=max(speed, before))
    return found


def lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n") for line in file]


def run(arguments: list[object]) -> None:
    """`nmt` with these arguments, in one thread. Ends the comparison where it fails."""
    command = [str(Path(sys.executable).with_name("nmt")), *map(str, arguments)]
    print(f"$ {' '.join(command)}", flush=True)
    done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}: {(done.stdout + done.stderr)[-500:]}")


if __name__ == "__main__":
    main()
