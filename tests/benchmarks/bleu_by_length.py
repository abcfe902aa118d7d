"""What attention is for: BLEU by the length of the source, with attention and with one vector for the whole sentence.

    OMP_NUM_THREADS=1 python tests/benchmarks/bleu_by_length.py FOLDER --corpora DIR --svg docs/bleu-by-length.svg

Prepares the text of a recipe in FOLDER/prepared; trains the recipe's network and the three that have no attention, each for
as many updates with each seed; translates the test set with each. What is in FOLDER already is not done again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from equal_minutes import ROOT, lines, run, train
from line_chart import Line, chart

from nmt import Translator
from nmt.config.recipe import load_recipe
from nmt.evaluation.comparison import Measurement, System, judge
from nmt.evaluation.metrics import Metric, TestSet, find_metrics
from nmt.evaluation.resampling import Resampling
from nmt.evaluation.segments import by_bounds

NETWORKS: dict[str, dict[str, Any]] = {
    "attention": {},
    "start state": {"model.attention": "none", "model.decoder_initial_state": "last"},
    "input at each step": {
        "model.attention": "fixed",
        "model.wiring": "fixed-context",
        "model.decoder_initial_state": "zero",
    },
    "both": {"model.attention": "fixed", "model.wiring": "fixed-context", "model.decoder_initial_state": "last"},
}
"""By what the decoder knows of the source: settings beside those of the recipe."""
LENGTHS = (8, 10, 12, 14, 16)
"""Bounds of the buckets, in words of the source, so that each has 100 lines of Multi30k's test set."""
INTERVAL = Resampling(test="bs", samples=1000)


def main() -> None:
    arguments = parse()
    if not (arguments.folder / "prepared").is_dir():
        run(["prepare", arguments.recipe, "--corpora", arguments.corpora, "--output", arguments.folder])
    for seed in arguments.seeds:
        for name in arguments.networks:
            train(
                folder_of(name, seed, arguments),
                NETWORKS[name],
                seed=seed,
                updates=arguments.updates,
                recipe=arguments.recipe,
            )
            print(f"{name}, seed {seed}: trained", flush=True)
    recipe = load_recipe(arguments.recipe)
    ((text,),) = recipe.preparation.test.values()
    source, reference = (list(lines(arguments.corpora / name)) for name in (text.source, text.target))
    metric = find_metrics(["bleu"])["bleu"](TestSet(references=(reference,), language=recipe.target_language))
    measured = {name: measure(name, source, metric, arguments) for name in arguments.networks}
    lengths = [len(line.split()) for line in source]
    print("\nBLEU, half of its 95 % interval, words of the output by words of the reference\n")
    print(table(measured, lengths, LENGTHS))
    if arguments.svg:
        drawn = curves(measured, lengths, LENGTHS)
        title = f"BLEU by length, {arguments.recipe.parent.name}"
        svg = chart(drawn, title=title, x_label="words of the source", y_label="BLEU")
        arguments.svg.write_text(svg, encoding="utf-8")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the prepared text and the models")
    parser.add_argument("--recipe", type=Path, default=ROOT / "data" / "multi30k-de-en" / "recipe.yaml")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that has multi30k/train.de.gz and so on")
    parser.add_argument("--updates", type=int, default=3600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--svg", type=Path, help="write the chart there")
    return parser.parse_args()


def folder_of(name: str, seed: int, arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.folder / f"{name.replace(' ', '-')}-{seed}"
    return folder


def measure(name: str, sources: Sequence[str], metric: Metric, arguments: argparse.Namespace) -> Measurement:
    """The network with each seed, on the runtime that all of the networks have. Its translations are kept beside it."""
    runs = []
    for seed in arguments.seeds:
        model = folder_of(name, seed, arguments)
        kept = model.with_name(f"{model.name}.txt")
        if not kept.is_file():
            translator = Translator.load(model, runtime="reference")
            texts = [line.text for line in translator.translate_lines(sources, split_sentences="none")]
            kept.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        runs.append(kept.read_text(encoding="utf-8").split("\n")[:-1])
    return Measurement.of(System(name, tuple(runs)), metric)


def table(measured: dict[str, Measurement], lengths: Sequence[int], bounds: Sequence[int]) -> str:
    """A row for each bucket of lengths, as Markdown, and the signature of BLEU."""
    groups = by_bounds(lengths, bounds)
    parts = [(group.label, group.segments) for group in groups] + [("all", tuple(range(len(lengths))))]
    rows = [f"| words | texts | {' | '.join(measured)} |", "|---|---:|" + "---:|" * len(measured)]
    for label, segments in parts:
        result = judge([one.part(segments) for one in measured.values()], intervals=INTERVAL)
        ratios = [
            fmean(run[list(segments), 0].sum() / run[list(segments), 1].sum() for run in one.runs)
            for one in measured.values()
        ]
        cells = [
            f"{estimate.score:.1f} ± {estimate.interval.half_width if estimate.interval else 0:.1f}, {ratio:.2f}"
            for estimate, ratio in zip(result.estimates, ratios, strict=True)
        ]
        rows.append(f"| {label} | {len(segments)} | {' | '.join(cells)} |")
    return "\n".join([*rows, "", result.signature])


def curves(measured: dict[str, Measurement], lengths: Sequence[int], bounds: Sequence[int]) -> list[Line]:
    """Of each network, the BLEU of each bucket over the mean of its lengths."""
    groups = by_bounds(lengths, bounds)
    at = [fmean(lengths[segment] for segment in group.segments) for group in groups]
    return [
        Line(name, [(x, one.part(group.segments).score) for x, group in zip(at, groups, strict=True)], dots=True)
        for name, one in measured.items()
    ]


if __name__ == "__main__":
    main()
