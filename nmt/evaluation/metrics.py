"""The metrics by name. Each gives statistics of every segment and a score of their sum, both by sacreBLEU (Post 2018).

A command, a training or a report takes a metric from `METRICS` and needs to know nothing else of it:

    metric = METRICS["bleu"](TestSet(references=(references,), language="zh"))
    print(metric.score(hypotheses))

As every score is made of a sum over segments, a bootstrap, an interval or the score of a domain is `aggregate` of the sum
of other rows of the same `statistics`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sacrebleu.metrics.base import Metric as SacreBleuMetric
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from nmt.errors import ConfigurationError, InputError
from nmt.evaluation.tokenisation import check_installed, tokenization_of

Statistics = npt.NDArray[np.float64]
"""(N, K): K numbers of each of N segments. Or (K,): their sum."""


@dataclass(frozen=True, slots=True)
class TestSet:
    """Segments with their references."""

    __test__: ClassVar[bool] = False  # for pytest, which takes every class of such a name for a test

    references: tuple[Sequence[str], ...]
    """One text or more; line n of each translates segment n."""
    language: str = ""
    """Code of the language that the references are in; empty where nobody knows."""

    def __post_init__(self) -> None:
        lengths = [len(text) for text in self.references]
        if len(set(lengths)) > 1:
            raise InputError(f"references of {', '.join(map(str, lengths))} lines; each should have a line for each segment")

    def __len__(self) -> int:
        """Number of segments."""
        return len(self.references[0]) if self.references else 0


@dataclass(frozen=True, slots=True)
class MetricOptions:
    """Options of all metrics; each metric reads those that concern it."""

    tokenize: str | None = None
    """Of BLEU. None: the one that suits the language of the test set."""
    lowercase: bool | None = None
    """Whether case is ignored. None: as sacreBLEU has it, where TER alone ignores it."""


DEFAULTS = MetricOptions()


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a text and how it was computed."""

    name: str
    value: float
    signature: str
    note: str = ""
    """A sentence for people where the value does not mean what it seems to mean."""

    def __str__(self) -> str:
        return f"{self.name} {self.value:.2f}  {self.signature}"


class Metric(ABC):
    """A comparison of translations with the references of one test set."""

    name: str
    """As a score is printed, such as "BLEU"."""
    signature: str
    """The version and all options that the value depends on."""
    higher_is_better: ClassVar[bool] = True

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:  # noqa: ARG002
        self.segments = len(test_set)

    @abstractmethod
    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        """(N, K) of a translation of each of the N segments."""

    @abstractmethod
    def aggregate(self, sums: Statistics) -> float:
        """The score of segments whose statistics have the sum (K,)."""

    def note(self, sums: Statistics) -> str:  # noqa: ARG002
        """A sentence for people where the score of `sums` does not mean what it seems to mean; else nothing."""
        return ""

    def score(self, hypotheses: Sequence[str]) -> Score:
        """The score of the whole text. Raises InputError where hypotheses and references differ in number or are none."""
        if len(hypotheses) != self.segments:
            raise InputError(
                f"{len(hypotheses)} hypotheses but {self.segments} references; "
                "there must be one reference for each hypothesis"
            )
        if not hypotheses:
            raise InputError("0 hypotheses and 0 references: there is nothing to score")
        sums = self.statistics(hypotheses).sum(axis=0)
        return Score(name=self.name, value=self.aggregate(sums), signature=self.signature, note=self.note(sums))


class _SacreBleu(Metric):
    """A metric of sacreBLEU, which has the references in its cache."""

    def __init__(self, test_set: TestSet, options: MetricOptions, scorer: SacreBleuMetric) -> None:
        super().__init__(test_set, options)
        self._scorer = scorer
        self.signature = str(scorer.get_signature())

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        return np.array(self._scorer._extract_corpus_statistics(hypotheses, None), dtype=np.float64)

    def aggregate(self, sums: Statistics) -> float:
        return float(self._sacrebleu_score(sums).score)

    def _sacrebleu_score(self, sums: Statistics) -> Any:
        return self._scorer._compute_score_from_stats(sums.tolist())  # a list of its own: smoothing adds to it


class Bleu(_SacreBleu):
    """Corpus BLEU (Papineni et al. 2002) of detokenised text."""

    name = "BLEU"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        if options.tokenize is not None:
            check_installed(options.tokenize)
        tokenize = options.tokenize or tokenization_of(test_set.language)
        scorer = BLEU(lowercase=bool(options.lowercase), tokenize=tokenize, references=test_set.references)
        super().__init__(test_set, options, scorer)
        self._tokenizer = scorer.tokenizer_signature

    def note(self, sums: Statistics) -> str:
        if self._sacrebleu_score(sums).totals[-1]:
            return ""
        return (
            "BLEU is 0 because no translation has four words in a row; chrF can tell such texts apart"
            f" (words are those of tokeniser {self._tokenizer}; does it suit the target language?)"
        )


class Chrf(_SacreBleu):
    """Corpus chrF2 (Popović 2015): character 6-grams, recall counted twice."""

    name = "chrF2"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options, CHRF(lowercase=bool(options.lowercase), references=test_set.references))


class Ter(_SacreBleu):
    """Translation edit rate (Snover et al. 2006): edits and shifts for each reference word, in percent."""

    name = "TER"
    higher_is_better = False

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options, TER(case_sensitive=options.lowercase is False, references=test_set.references))


METRICS: dict[str, type[Metric]] = {"bleu": Bleu, "chrf": Chrf, "ter": Ter}
"""All metrics, by the name that commands and recipes have for them."""

USUAL = ("bleu", "chrf")
"""The metrics of `nmt evaluate` where none is named."""


def find_metrics(names: Iterable[str]) -> dict[str, type[Metric]]:
    """The metrics with these names, in their order. Raises ConfigurationError for a name that the table does not have."""
    found = {}
    for name in names:
        if name not in METRICS:
            raise ConfigurationError(f"metric {name}: unknown; should be one of {', '.join(METRICS)}")
        found[name] = METRICS[name]
    return found
