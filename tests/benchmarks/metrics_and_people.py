"""How well cheap metrics agree with people: python tests/benchmarks/metrics_and_people.py ted.ende.tsv.gz

The file has MQM annotations (system, doc, seg_id, rater, source, target, category, severity), as WMT publishes them. A major
error costs 5, an untranslated segment 25, a minor one 1 (punctuation 0.1); the raters' sums are averaged. Each metric orders
the systems; agreement is the share of pairs of systems in people's order.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from nmt.evaluation.comparison import Measurement, System
from nmt.evaluation.metrics import TestSet, find_metrics


def penalty(category: str, severity: str) -> float:
    if category.lower().startswith("non-translation"):
        return 25.0
    if severity.lower() == "major":
        return 5.0
    if severity.lower() == "minor":
        return 0.1 if category.lower().startswith("fluency/punctuation") else 1.0
    return 0.0


def read(path: str) -> tuple[list[str], dict[str, list[str]], dict[str, list[float]]]:
    """References, translations by system, and people's scores by system, of the segments that all systems have."""
    penalties: dict[tuple[str, str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    texts: dict[tuple[str, str, int], str] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = row["system"], row["doc"], int(row["seg_id"])
            texts[key] = re.sub("</?v>", "", row["target"])
            penalties[key][row["rater"]] += penalty(row["category"] or "", row["severity"] or "")
    names = sorted({name for name, *_ in texts})
    segments = sorted({(doc, number) for _, doc, number in texts if all((name, doc, number) in texts for name in names)})
    systems = {name: [texts[name, *segment] for segment in segments] for name in names}
    people = {name: [-float(np.mean(list(penalties[name, *one].values()))) for one in segments] for name in names}
    references = systems.pop("ref")
    return references, systems, people


def agreement(scores: Sequence[float], people: Sequence[float]) -> float:
    pairs = list(itertools.combinations(range(len(scores)), 2))
    return sum((scores[a] > scores[b]) == (people[a] > people[b]) for a, b in pairs) / len(pairs)


def main(path: str) -> None:
    references, systems, people = read(path)
    names = list(systems)
    print(f"{len(names)} systems, {len(references)} segments")
    human = [float(np.mean(people[name])) for name in names]
    flat = np.concatenate([people[name] for name in names])
    for name, kind in find_metrics(["bleu", "chrf", "ter", "use"]).items():
        metric = kind(TestSet(references=(references,)))
        sign = 1 if metric.higher_is_better else -1
        measured = [Measurement.of(System(system, (systems[system],)), metric) for system in names]
        segments = sign * np.concatenate([one.segment_scores for one in measured])
        corpus = agreement([sign * one.score for one in measured], human)
        correlation = np.corrcoef(segments, flat)[0, 1]
        print(f"{name:<6} pairs of systems in people's order {corpus:.3f}  correlation of segments {correlation:.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
