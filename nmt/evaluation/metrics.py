"""The metrics by name. Each gives statistics of every segment and a score of their sum, both by sacreBLEU (Post 2018).

A command, a training or a report takes a metric from `METRICS` and needs to know nothing else of it:

    metric = METRICS["bleu"](TestSet(references=(references,), language="zh"))
    print(metric.score(hypotheses))

As every score is made of a sum over segments, a bootstrap, an interval or the score of a domain is `aggregate` of the sum
of other rows of the same `statistics`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sacrebleu.metrics.base import Metric as SacreBleuMetric
from sacrebleu.metrics.base import Score as SacreBleuScore
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from nmt.errors import ConfigurationError, InputError
from nmt.evaluation.tokenisation import check_installed, tokenization_of, usual_tokenization, words_complaint

Statistics = npt.NDArray[np.float64]
"""(N, K): K numbers of each of N segments. Or (K,): their sum."""
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class TestSet:
    """Segments with their references."""

    __test__: ClassVar[bool] = False  # for pytest, which takes every class of such a name for a test

    references: tuple[Sequence[str], ...]
    """One text or more; line n of each translates segment n."""
    language: str = ""
    """Code of the language that the references are in; empty where nobody knows."""
    sources: Sequence[str] | None = None
    """The text that was translated; None where nobody knows it."""
    source_language: str = ""

    def __post_init__(self) -> None:
        lengths = [len(text) for text in self.references]
        if len(set(lengths)) > 1:
            raise InputError(f"references of {', '.join(map(str, lengths))} lines; each should have a line for each segment")

    def __len__(self) -> int:
        """Number of segments."""
        return len(self.references[0]) if self.references else 0


@dataclass(frozen=True, slots=True)
class MetricOptions:
    """Options of all metrics; each metric reads those that concern it. The defaults are sacreBLEU's."""

    lowercase: bool | None = None
    """Whether case is ignored. None: as sacreBLEU has it, where TER alone ignores it."""
    tokenize: str | None = None
    """Tokeniser of BLEU. None: the one that suits the language of the test set."""
    smooth_method: str = "exp"
    """Smoothing of BLEU: exp, floor, add-k or none (Chen and Cherry 2014)."""
    smooth_value: float | None = None
    """Value that BLEU adds; of floor and add-k only."""
    effective_order: bool = False
    """Whether BLEU leaves out the orders of n-grams that a text is too short for."""
    force: bool = False
    """Whether BLEU takes text that looks tokenised without a warning."""
    char_order: int = 6
    """Longest character n-gram of chrF."""
    word_order: int = 0
    """Longest word n-gram of chrF; 2 is chrF++."""
    beta: int = 2
    """Weight of recall in chrF."""
    whitespace: bool = False
    """Whether spaces are characters of chrF."""
    eps_smoothing: bool = False
    """Whether chrF adds a small number where sacreBLEU leaves out orders."""
    normalized: bool = False
    """Whether TER tokenises first."""
    no_punct: bool = False
    """Whether TER leaves out punctuation."""
    asian_support: bool = False
    """Whether TER takes each Chinese or Japanese character for a word."""


DEFAULTS = MetricOptions()
_ONE_REFERENCE = [[""]]


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
    curve: str = ""
    """The curve of `nmt.evaluation.agreement` that was fitted to scores made with these very options; else nothing."""

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:  # noqa: ARG002
        self.segments = len(test_set)

    @abstractmethod
    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        """(N, K) of a translation of each of the N segments."""

    @abstractmethod
    def aggregate(self, sums: Statistics) -> float:
        """The score of segments whose statistics have the sum (K,)."""

    def aggregate_each(self, sums: Floats) -> Floats:
        """The scores (R,) of R texts whose statistics have the sums (R, K)."""
        return np.array([self.aggregate(row.astype(np.float64)) for row in sums])

    def segment_scores(self, statistics: Statistics) -> Floats:
        """The scores (N,) of the segments, each as a text of its own, from their statistics (N, K)."""
        return self.aggregate_each(statistics)

    def sacrebleu_score(self, sums: Statistics) -> SacreBleuScore:
        """The score of `sums` as sacreBLEU formats it."""
        return SacreBleuScore(self.name, self.aggregate(sums))

    def signature_of(self, facts: Mapping[str, object], *, short: bool = False) -> str:  # noqa: ARG002
        """The signature of a score that depends on `facts`, too, such as the seed of a test. `short`: with short keys."""
        return "|".join([self.signature, *(f"{key}:{value}" for key, value in facts.items())])

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


class VectorisedMetric(Metric):
    """A metric whose score is a formula over columns of sums, and so is computed for many texts at once."""

    def aggregate(self, sums: Statistics) -> float:
        return float(self.aggregate_each(sums[None])[0])

    @abstractmethod
    def aggregate_each(self, sums: Floats) -> Floats: ...


class _SacreBleu(Metric):
    """A metric of sacreBLEU, which has the references in its cache."""

    def __init__(self, test_set: TestSet, options: MetricOptions, scorer: SacreBleuMetric) -> None:
        super().__init__(test_set, options)
        self.scorer = scorer
        self.signature = str(scorer.get_signature())

    def is_fitted(self, usual: SacreBleuMetric) -> bool:
        """Whether scores are made as `usual` makes them, as were those that the curves were fitted to."""
        return self.signature == str(usual.get_signature())

    def signature_of(self, facts: Mapping[str, object], *, short: bool = False) -> str:
        signature = self.scorer.get_signature()
        for key, value in facts.items():
            signature.update(key, value)
        return str(signature.format(short))

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        return np.array(self.scorer._extract_corpus_statistics(hypotheses, None), dtype=np.float64)

    def aggregate(self, sums: Statistics) -> float:
        return float(self.sacrebleu_score(sums).score)

    def aggregate_each(self, sums: Floats) -> Floats:
        # Rows go in as they are: in float32 sacreBLEU computes in float32, and a p-value may depend on the last bit.
        return np.array([self.scorer._compute_score_from_stats(row).score for row in sums.copy()])

    def sacrebleu_score(self, sums: Statistics) -> Any:
        return self.scorer._compute_score_from_stats(sums.tolist())  # a list of its own: smoothing adds to it


class Bleu(_SacreBleu):
    """Corpus BLEU (Papineni et al. 2002) of detokenised text."""

    name = "BLEU"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        if options.tokenize is not None:
            check_installed(options.tokenize)
        scorer = BLEU(
            lowercase=bool(options.lowercase),
            tokenize=options.tokenize or tokenization_of(test_set.language),
            smooth_method=options.smooth_method,
            smooth_value=options.smooth_value,
            effective_order=options.effective_order,
            force=options.force,
            references=test_set.references,
        )
        super().__init__(test_set, options, scorer)
        self._bleu = scorer
        self._complaint = words_complaint(scorer.tokenizer_signature, chain.from_iterable(test_set.references))
        usual = usual_tokenization(test_set.language, options.tokenize)
        if usual is not None and self.is_fitted(BLEU(tokenize=usual, references=_ONE_REFERENCE)):
            self.curve = self.name

    def segment_scores(self, statistics: Statistics) -> Floats:
        """Sentence BLEU, which leaves out orders of n-grams that a sentence is too short for."""
        usual = self._bleu.effective_order
        self._bleu.effective_order = True
        try:
            return self.aggregate_each(statistics)
        finally:
            self._bleu.effective_order = usual

    def note(self, sums: Statistics) -> str:
        if self.sacrebleu_score(sums).totals[-1]:
            return self._complaint
        return (
            "BLEU is 0 because no translation has four words in a row; chrF can tell such texts apart"
            f" (words are those of tokeniser {self._bleu.tokenizer_signature}; does it suit the target language?)"
        )


class Chrf(_SacreBleu):
    """Corpus chrF2 (Popović 2015): character 6-grams, recall counted twice. With words it is chrF2+ or chrF2++."""

    name = "chrF2"

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        scorer = CHRF(
            char_order=options.char_order,
            word_order=options.word_order,
            beta=options.beta,
            lowercase=bool(options.lowercase),
            whitespace=options.whitespace,
            eps_smoothing=options.eps_smoothing,
            references=test_set.references,
        )
        super().__init__(test_set, options, scorer)
        self.name = f"chrF{options.beta}{'+' * options.word_order}"
        if options.beta == CHRF.BETA and self.is_fitted(CHRF(references=_ONE_REFERENCE)):  # beta is in the name alone
            self.curve = self.name


class Ter(_SacreBleu):
    """Translation edit rate (Snover et al. 2006): edits and shifts for each reference word, in percent."""

    name = "TER"
    higher_is_better = False

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        scorer = TER(
            normalized=options.normalized,
            no_punct=options.no_punct,
            asian_support=options.asian_support,
            case_sensitive=options.lowercase is False,
            references=test_set.references,
        )
        super().__init__(test_set, options, scorer)


METRICS: dict[str, type[Metric]] = {"bleu": Bleu, "chrf": Chrf, "ter": Ter}
"""All metrics, by the name that commands and recipes have for them."""

USUAL = ("bleu", "chrf")
"""The metrics of `nmt evaluate` where none is named."""


EXTRA = ("use",)
"""Metrics that need a package of the extra `metrics`."""


def find_metrics(names: Iterable[str]) -> dict[str, type[Metric]]:
    """The metrics with these names, in their order. Raises ConfigurationError for a name that the table does not have."""
    found: dict[str, type[Metric]] = {}
    for name in names:
        if name in EXTRA:
            from nmt.evaluation.embedding import Nearness

            found[name] = Nearness
        elif name not in METRICS:
            raise ConfigurationError(f"metric {name}: unknown; should be one of {', '.join((*METRICS, *EXTRA))}")
        else:
            found[name] = METRICS[name]
    return found


def percent(part: Floats, whole: Floats) -> Floats:
    """Shares (R,) in percent; 0 where there is nothing."""
    shares: Floats = np.divide(100.0 * part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares
