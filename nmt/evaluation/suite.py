"""Contrastive evaluation: how often a model thinks a right translation more probable than a wrong one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from nmt.errors import InputError
from nmt.evaluation.contrasts import Item

_QUANTILE = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The items of one kind."""

    kind: str
    right: int
    count: int

    @property
    def share(self) -> float:
        """In percent."""
        return 100.0 * self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, in percent (Wilson 1927)."""
        if not self.count:
            return 0.0, 100.0
        share, squared = self.right / self.count, _QUANTILE**2
        centre = share + squared / (2 * self.count)
        spread = _QUANTILE * math.sqrt(share * (1 - share) / self.count + squared / (4 * self.count**2))
        whole = 1 + squared / self.count
        return 100.0 * max(0.0, centre - spread) / whole, 100.0 * min(whole, centre + spread) / whole


def read_items(lines: Iterable[str], *, name: str) -> list[Item]:
    """Items from lines of JSON: source, reference, contrastive (one, or a list) and type. Raises InputError."""
    items = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            wrong = found["contrastive"]
            wrong = (wrong,) if isinstance(wrong, str) else tuple(wrong)
            item = Item(str(found.get("type", "all")), found["source"], found["reference"], wrong)
            if not wrong or not all(isinstance(text, str) for text in (item.source, item.reference, *wrong)):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{name}: line {number} is no item; should be such as "
                '{"source": "…", "reference": "…", "contrastive": "…", "type": "polarity"}'
            ) from error
        items.append(item)
    if not items:
        raise InputError(f"{name}: has no item")
    return items


def pairs_of(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Sources with all translations of each item, the right one first."""
    return [(item.source, text) for item in items for text in (item.reference, *item.contrastive)]


def judged(items: Sequence[Item], scores: Sequence[float]) -> list[bool]:
    """Whether the right translation of each item is more probable than all wrong ones; scores are of `pairs_of`."""
    results, place = [], 0
    for item in items:
        right, *wrong = scores[place : place + 1 + len(item.contrastive)]
        results.append(right > max(wrong))
        place += 1 + len(item.contrastive)
    return results


def accuracies(items: Sequence[Item], results: Sequence[bool]) -> list[Accuracy]:
    """By kind, in the order of the first items; then all."""
    kinds = dict.fromkeys(item.kind for item in items)
    found = []
    for kind in kinds:
        own = [result for item, result in zip(items, results, strict=True) if item.kind == kind]
        found.append(Accuracy(kind, sum(own), len(own)))
    return found if len(found) == 1 else [*found, Accuracy("all", sum(results), len(results))]
