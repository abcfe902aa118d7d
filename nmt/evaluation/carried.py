"""What must be carried over from the source: numbers, names, addresses, placeholders and terms of a glossary.

Each kind is a metric: F1, in percent, of what a translation has and what it should have. Precision, recall and the failures
are told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nmt.evaluation.diagnostics import Diagnostic
from nmt.evaluation.metrics import DEFAULTS, Floats, MetricOptions, Statistics, TestSet
from nmt.evaluation.words import f1

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"“”„]+[^\s<>\"“”„.,;:!?)\]]")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{[\w.]*\}|%\(\w+\)[sd]|%\d*\$?[sd]\b|<\d+/?>|</\d+>")
_WORD = re.compile(r"\w[\w'’.&-]*\w|\w")
_SENTENCE_END = re.compile(r"[.!?:…]['\"“”»)]*\s*$|^\W*$|[\"“„»(\-–—•]\s*$")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a segment's translation lacks, and has without need."""

    segment: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]


class Carried(Diagnostic):
    """One kind of thing; statistics (N, 3) are things carried over, things in the translation and things wanted."""

    needs_source = True

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        assert test_set.sources is not None
        self._wanted = [
            self.wanted(source, references)
            for source, *references in zip(test_set.sources, *test_set.references, strict=True)
        ]

    def wanted(self, source: str, references: Sequence[str]) -> Counter[str]:  # noqa: ARG002
        """The things that a translation of the source should have."""
        return Counter(self.things(source))

    def found(self, segment: int, hypothesis: str) -> Counter[str]:  # noqa: ARG002
        """The things that a translation has."""
        return Counter(self.things(hypothesis))

    def things(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        rows = []
        for segment, (wanted, text) in enumerate(zip(self._wanted, hypotheses, strict=True)):
            found = self.found(segment, text)
            rows.append(((wanted & found).total(), found.total(), wanted.total()))
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    def aggregate_each(self, sums: Floats) -> Floats:
        return f1(sums)

    @property
    def count(self) -> int:
        """Things wanted in the whole test set."""
        return sum(wanted.total() for wanted in self._wanted)

    def failures(self, hypotheses: Sequence[str]) -> list[Failure]:
        """All segments where something is missing or too much, in order."""
        failures = []
        for segment, (wanted, text) in enumerate(zip(self._wanted, hypotheses, strict=True)):
            found = self.found(segment, text)
            missing, extra = wanted - found, found - wanted
            if missing or extra:
                failures.append(Failure(segment, tuple(missing.elements()), tuple(extra.elements())))
        return failures


class Numbers(Carried):
    """Numbers, whatever parts their thousands: 1.234,5 is 1,234.5."""

    name = "numbers"

    def things(self, text: str) -> Iterator[str]:
        return (normalised_number(found[0]) for found in _NUMBER.finditer(text))


class Names(Carried):
    """Words that are capitalised inside a sentence and that a reference has as the source has them."""

    name = "names"

    def wanted(self, source: str, references: Sequence[str]) -> Counter[str]:
        own = Counter(self.things(source))
        return own & max((Counter(_WORD.findall(text)) for text in references), key=lambda words: (own & words).total())

    def found(self, segment: int, hypothesis: str) -> Counter[str]:
        """Only those that are wanted, as many as there are: other words of the source may have been translated rightly."""
        words = Counter(_WORD.findall(hypothesis))
        return Counter({word: words[word] for word in self._wanted[segment] if words[word]})

    def things(self, text: str) -> Iterator[str]:
        for found in _WORD.finditer(text):
            if found[0][0].isupper() and not _SENTENCE_END.search(text[: found.start()]):
                yield found[0]


class Urls(Carried):
    """Addresses, byte for byte."""

    name = "URLs"

    def things(self, text: str) -> Iterator[str]:
        return (found[0] for found in _URL.finditer(text))


class Emails(Carried):
    """Addresses of mail, byte for byte."""

    name = "e-mails"

    def things(self, text: str) -> Iterator[str]:
        return (found[0] for found in _EMAIL.finditer(text))


class Placeholders(Carried):
    """Placeholders of messages, such as {name}, %s, ${id} and <1>, byte for byte."""

    name = "placeholders"

    def things(self, text: str) -> Iterator[str]:
        return (found[0] for found in _PLACEHOLDER.finditer(text))


class Terms(Carried):
    """Terms of a glossary: as many of the target's as the source has of the source's."""

    name = "glossary terms"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS, *, terms: Sequence[tuple[str, str]]) -> None:
        self._terms = [(_term(source), _term(target), target) for source, target in terms]
        super().__init__(test_set, options)

    def wanted(self, source: str, references: Sequence[str]) -> Counter[str]:  # noqa: ARG002
        wanted: Counter[str] = Counter()
        for own, _, target in self._terms:
            wanted[target] += len(own.findall(source))
        return +wanted

    def found(self, segment: int, hypothesis: str) -> Counter[str]:
        """Those that are wanted in this segment: the translation of another word may well be the same."""
        wanted = self._wanted[segment]
        return +Counter({target: len(other.findall(hypothesis)) for _, other, target in self._terms if target in wanted})


KINDS: tuple[type[Carried], ...] = (Numbers, Names, Urls, Emails, Placeholders)


def carried(test_set: TestSet, terms: Sequence[tuple[str, str]] = ()) -> list[Carried]:
    """The kinds that the source has something of."""
    if test_set.sources is None:
        return []
    kinds = [kind(test_set) for kind in KINDS]
    if terms:
        kinds.append(Terms(test_set, terms=terms))
    return [kind for kind in kinds if kind.count]


def normalised_number(written: str) -> str:
    """A number with "." before its fraction and nothing between its thousands."""
    groups = re.split(r"[.,'’\u00a0\u202f]", written)
    marks = re.findall(r"[.,'’\u00a0\u202f]", written)
    if not marks:
        return written
    thousands = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
    if len(set(marks)) == 1 and thousands and (len(marks) > 1 or groups[0].lstrip("0")):
        return "".join(groups)
    if len(set(marks[:-1])) <= 1 and marks[-1] not in marks[:-1]:
        return f"{''.join(groups[:-1])}.{groups[-1]}"
    return ".".join(groups)  # a date or a version


def _term(text: str) -> re.Pattern[str]:
    start, end = (r"\b" if text[at].isalnum() and text[at] < "\u2e80" else "" for at in (0, -1))
    return re.compile(f"{start}{re.escape(text)}{end}")
