"""BLEU by length, of texts whose scores are known."""

from __future__ import annotations

import pytest
import sacrebleu
from benchmarks import bleu_by_length as study

from nmt.evaluation.comparison import Measurement, System
from nmt.evaluation.metrics import METRICS, TestSet

SHORT = ["a dog runs on grass", "a cat sleeps on a mat"]
LONG = ["two men in red shirts play a long game of chess in the park", "a child looks at a boat on the wide blue sea today"]


def test_each_bucket_has_the_bleu_of_its_own_sentences() -> None:
    references = [*SHORT, *LONG]
    outputs = [*SHORT, LONG[0].replace("red", "green"), "a child looks at a boat"]
    metric = METRICS["bleu"](TestSet(references=(references,), language="en"))
    measured = {"one": Measurement.of(System("one", (outputs,)), metric)}
    lengths = [len(line.split()) for line in references]
    rows = study.table(measured, lengths, (10,)).splitlines()
    expected = sacrebleu.corpus_bleu(outputs[2:], [LONG])
    assert rows[2].startswith("| < 10 | 2 | 100.0 ± 0.0, 1.00 |")
    assert rows[3].startswith(f"| >= 10 | 2 | {expected.score:.1f} ±")
    assert rows[3].endswith(f", {expected.sys_len / expected.ref_len:.2f} |")
    (curve,) = study.curves(measured, lengths, (10,))
    assert [y for _, y in curve.points] == pytest.approx([100.0, expected.score])
    assert [x for x, _ in curve.points] == [5.5, 13.0]
