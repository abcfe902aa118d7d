"""Word alignments beside those of people: alignment error rate (Och and Ney 2003), and alignments of two directions in one.

A link is a pair of numbers of words, of the source and of the target, from 0. People call some links sure and some possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nmt.errors import InputError
from nmt.evaluation.metrics import Floats, Statistics
from nmt.evaluation.resampling import SEED, Interval, bootstrap, interval

Links = frozenset[tuple[int, int]]

_LINK = re.compile(r"(\d+)([-p?])(\d+)")
_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


@dataclass(frozen=True, slots=True)
class Gold:
    """The links of a person."""

    sure: Links
    possible: Links
    """With the sure ones."""


def parse_links(line: str, *, name: str, number: int, first: int = 0) -> Gold:
    """Links as 0-0 (sure), 0p1 or 0?1 (possible), with words numbered from `first`. Raises InputError."""
    sure, possible = set(), set()
    for word in line.split():
        found = _LINK.fullmatch(word)
        if found is None or min(int(found[1]), int(found[3])) < first:
            raise InputError(f"{name}: line {number}: {word!r} is no link; should be such as 0-0, or 0p1 if possible only")
        link = int(found[1]) - first, int(found[3]) - first
        possible.add(link)
        if found[2] == "-":
            sure.add(link)
    return Gold(frozenset(sure), frozenset(possible))


def written_links(links: Iterable[tuple[int, int]]) -> str:
    """Links as Pharaoh writes them: 0-0 1-2."""
    return " ".join(f"{source}-{target}" for source, target in sorted(links))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Links beside those of people, in percent."""

    error_rate: float
    """1 - (|A and S| + |A and P|) / (|A| + |S|), of links A, sure S and possible P."""
    interval: Interval
    precision: float
    """Share of links that are possible."""
    recall: float
    """Share of sure links that are found."""
    pairs: int


def agreement(found: Sequence[Links], gold: Sequence[Gold], *, samples: int = 1000) -> Agreement:
    """All sentences together; the interval is by the bootstrap of scores."""
    statistics = np.array(
        [
            (len(links & own.sure), len(links & own.possible), len(links), len(own.sure))
            for links, own in zip(found, gold, strict=True)
        ],
        dtype=np.float64,
    )
    sure, possible, all_found, all_sure = statistics.sum(axis=0)
    return Agreement(
        error_rate=float(error_rates(statistics.sum(axis=0)[None])[0]),
        interval=interval(bootstrap(statistics, error_rates, samples=samples, seed=SEED), paired=False),
        precision=100.0 * possible / all_found if all_found else 0.0,
        recall=100.0 * sure / all_sure if all_sure else 0.0,
        pairs=len(gold),
    )


def error_rates(sums: Statistics | Floats) -> Floats:
    """Alignment error rates (R,) in percent of sums (R, 4)."""
    whole = sums[:, 2] + sums[:, 3]
    shares = np.divide(sums[:, 0] + sums[:, 1], whole, out=np.zeros(len(sums)), where=whole > 0)
    rates: Floats = 100.0 * (1.0 - shares)
    return rates


def strongest(weights: Floats) -> Links:
    """For each target word the source word that it attends to most: links of weights (T, S). None where a row is 0."""
    return frozenset((int(np.argmax(row)), target) for target, row in enumerate(weights) if len(row) and row.max() > 0)


def grown(forward: Links, backward: Links) -> Links:
    """The links of both directions, and neighbours of these that one direction has (grow-diag, Koehn et al. 2003)."""
    links, union = set(forward & backward), forward | backward
    while True:
        sources, targets = {source for source, _ in links}, {target for _, target in links}
        near = {(source + up, target + across) for source, target in links for up, across in _NEIGHBOURS} & union - links
        added = {link for link in sorted(near) if link[0] not in sources or link[1] not in targets}
        if not added:
            return frozenset(links)
        links |= added
