"""Corpus scores by sacreBLEU, each with the signature that makes it comparable (Post 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from nmt.errors import InputError

Tokenization = Literal["13a", "intl", "char", "zh", "none"]


@dataclass(frozen=True, slots=True)
class Score:
    """A corpus score from 0 to 100 and how it was computed."""

    name: str
    value: float
    signature: str

    def __str__(self) -> str:
        return f"{self.name} {self.value:.2f}  {self.signature}"


def bleu(
    hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False, tokenize: Tokenization = "13a"
) -> Score:
    """Corpus BLEU (Papineni et al. 2002) of detokenised text against one reference for each line.

    Raises InputError where the two have different numbers of lines, or none.
    """
    _check_lengths(hypotheses, references)
    metric = BLEU(lowercase=lowercase, tokenize=tokenize)
    value = metric.corpus_score(hypotheses, [references]).score
    return Score(name="BLEU", value=value, signature=str(metric.get_signature()))


def chrf(hypotheses: Sequence[str], references: Sequence[str], *, lowercase: bool = False) -> Score:
    """Corpus chrF2 (Popović 2015): character 6-grams, recall counted twice.

    Raises InputError where the two have different numbers of lines, or none.
    """
    _check_lengths(hypotheses, references)
    metric = CHRF(lowercase=lowercase)
    value = metric.corpus_score(hypotheses, [references]).score
    return Score(name="chrF2", value=value, signature=str(metric.get_signature()))


def _check_lengths(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if len(hypotheses) != len(references):
        raise InputError(
            f"{len(hypotheses)} hypotheses but {len(references)} references; there must be one reference for each hypothesis"
        )
    if not hypotheses:
        raise InputError("0 hypotheses and 0 references: there is nothing to score")
