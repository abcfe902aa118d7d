"""A search in one call of the kernel beside the same search step by step, on one thread.

    python tests/benchmarks/whole_search.py checkpoints/NAME --input TEXT

Both take turns in one process on the same sentences, and CPU time is counted: other work on the machine changes it little.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from nmt.config.search import SearchOptions
from nmt.search import Scorer, Searching, search
from nmt.translate.translator import Translator

SIZES = ((1, 1, 80), (5, 1, 60), (1, 64, 256), (5, 64, 128))  # beam, batch, sentences of a turn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--input", type=Path, required=True, help="sentences, one a line; at least 640")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    translator = Translator.load(options.model, device="cpu", runtime="int8", threads=1)
    scorer = translator._decoder.scorers.listed or translator._decoder.scorers.whole
    if not isinstance(scorer, Searching):
        parser.error("the model does not run on int8")
    lines = options.input.read_text(encoding="utf-8").splitlines()
    sources = [source for line in lines if (source := translator._tokenizer.encode(line))]
    print("| beam | batch | step by step, ms a sentence | in one call | times as fast |\n|---:|---:|---:|---:|---:|")
    for beam, size, count in SIZES:
        times = []
        for number in range(options.repeat + 1):
            first = number * count % max(1, len(sources) - count)
            own = batches(sources[first : first + count], size)
            ways = (scorer.stepwise, scorer) if number % 2 else (scorer, scorer.stepwise)
            found = {one: seconds(one, own, beam) for one in ways}
            times.append([found[scorer.stepwise] / count * 1e3, found[scorer] / count * 1e3])
        slow, fast = (statistics.median(column) for column in zip(*times[1:], strict=True))  # the first turn warms up
        ratios = sorted(step / whole for step, whole in times[1:])
        ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {beam} | {size} | {slow:.2f} | {fast:.2f} | {ratio} |", flush=True)


def batches(sources: list[list[int]], size: int) -> list[list[list[int]]]:
    ordered = sorted(sources, key=len) if size > 1 else sources
    return [ordered[first : first + size] for first in range(0, len(ordered), size)]


def seconds(scorer: Scorer | Searching, own: list[list[list[int]]], beam: int) -> float:
    options = SearchOptions(beam_size=beam)
    began = time.thread_time()
    for sources in own:
        search(scorer, sources, options, attention=False)
    return time.thread_time() - began


if __name__ == "__main__":
    main()
