"""What attention is for: BLEU by the length of the source, with attention and with one vector for the whole sentence.

    OMP_NUM_THREADS=1 python tests/benchmarks/bleu_by_length.py FOLDER --corpora DIR --svg docs/bleu-by-length.svg

Prepares the text of a recipe in FOLDER/prepared; trains the recipe's network and the three that have no attention, each for
as many updates with each seed; translates the test set with each. What is in FOLDER already is not trained again.

A test set of captions has few sentences of more than 20 words. So each network also translates neighbouring lines of the
test set, two and three in one, without splitting them. No network has seen such texts in training, so the loss that they
cause to the network with attention has another cause than length.
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
SENTENCES = (8, 10, 12, 14, 16)
"""Bounds of the buckets of single lines, in words of the source, so that each has 100 lines of Multi30k's test set."""
JOINED = (20, 25, 30, 35, 40)
INTERVAL = Resampling(test="bs", samples=1000)


def main() -> None:
    arguments = parse()
    if not (arguments.folder / "prepared").is_dir():
        run(["prepare", arguments.recipe, "--corpora", arguments.corpora, "--output", arguments.folder])
    for seed in arguments.seeds:
        for name, settings in NETWORKS.items():
            train(folder_of(name, seed, arguments), settings, seed=seed, updates=arguments.updates, recipe=arguments.recipe)
            print(f"{name}, seed {seed}: trained", flush=True)
    recipe = load_recipe(arguments.recipe)
    ((text,),) = recipe.preparation.test.values()
    source, reference = (list(lines(arguments.corpora / name)) for name in (text.source, text.target))
    drawn: list[Line] = []
    for title, bounds, counts in (("lines", SENTENCES, (1,)), ("two and three lines in one", JOINED, (2, 3))):
        sources, references = joined(source, counts), joined(reference, counts)
        metric = find_metrics(["bleu"])["bleu"](TestSet(references=(references,), language=recipe.target_language))
        measured = {name: measure(name, sources, metric, arguments) for name in NETWORKS}
        lengths = [len(line.split()) for line in sources]
        print(f"\n{title}: BLEU, half of its 95 % interval, words of the output by words of the reference\n")
        print(table(measured, lengths, bounds))
        drawn += curves(measured, lengths, bounds, first=not drawn)
    if arguments.svg:
        svg = chart(drawn, title="BLEU by length, Multi30k", x_label="words of the source", y_label="BLEU")
        arguments.svg.write_text(svg, encoding="utf-8")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="for the prepared text and the models")
    parser.add_argument("--recipe", type=Path, default=ROOT / "data" / "multi30k-de-en" / "recipe.yaml")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that has multi30k/train.de.gz and so on")
    parser.add_argument("--updates", type=int, default=3600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--svg", type=Path, help="write the chart there")
    return parser.parse_args()


def folder_of(name: str, seed: int, arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.folder / f"{name.replace(' ', '-')}-{seed}"
    return folder


def joined(text: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Texts of so many neighbouring lines each; lines that are left at the end are in none."""
    return [
        " ".join(text[start : start + count]) for count in counts for start in range(0, len(text) - len(text) % count, count)
    ]


def measure(name: str, sources: Sequence[str], metric: Metric, arguments: argparse.Namespace) -> Measurement:
    """The network with each seed, on the runtime that all of the networks have."""
    runs = []
    for seed in arguments.seeds:
        translator = Translator.load(folder_of(name, seed, arguments), runtime="reference")
        runs.append([line.text for line in translator.translate_lines(sources, split_sentences="none")])
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


def curves(measured: dict[str, Measurement], lengths: Sequence[int], bounds: Sequence[int], *, first: bool) -> list[Line]:
    """Of each network, the BLEU of each bucket over the mean of its lengths. All but the first curves are dashed."""
    groups = by_bounds(lengths, bounds)
    at = [fmean(lengths[segment] for segment in group.segments) for group in groups]
    return [
        Line(
            name,
            [(x, one.part(group.segments).score) for x, group in zip(at, groups, strict=True)],
            dots=True,
            dashed=not first,
            continues="" if first else name,
        )
        for name, one in measured.items()
    ]


if __name__ == "__main__":
    main()
