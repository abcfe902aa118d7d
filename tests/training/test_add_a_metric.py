"""A metric by the steps of CONTRIBUTING.md ("Add a metric"): it is scored, chooses weights and is reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.sample import RECIPE, sample_recipe
from typer.testing import CliRunner

from nmt.checkpoint.directory import read_info
from nmt.cli.every import app
from nmt.corpus.prepare import prepare
from nmt.evaluation.metrics import DEFAULTS, METRICS, Metric, MetricOptions, Statistics, TestSet
from nmt.training.run import train


class WrongLines(Metric):
    """Lines that are not exactly one of their references, in percent."""

    name = "wrong lines"
    signature = "exact:yes"
    higher_is_better = False

    def __init__(self, test_set: TestSet, options: MetricOptions = DEFAULTS) -> None:
        super().__init__(test_set, options)
        self._references = list(zip(*test_set.references, strict=True))

    def statistics(self, hypotheses: Sequence[str]) -> Statistics:
        pairs = zip(hypotheses, self._references, strict=True)
        return np.array([[hypothesis not in references, 1.0] for hypothesis, references in pairs])

    def aggregate(self, sums: Statistics) -> float:
        return float(100.0 * sums[0] / sums[1])


@pytest.fixture(autouse=True)
def metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "wrong-lines", WrongLines)


def test_it_is_printed_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "h").write_text("a\nb\nc\nd\n", encoding="utf-8")
    (tmp_path / "r").write_text("a\nb\nx\nd\n", encoding="utf-8")
    command = ["evaluate", "--hypothesis", tmp_path / "h", "--reference", tmp_path / "r"]
    done = CliRunner().invoke(app, [*map(str, command), "--metric", "wrong-lines", "--metric", "chrf"])
    assert done.stdout.splitlines()[0] == "wrong lines 25.00  exact:yes"
    assert done.stdout.splitlines()[1].startswith("chrF2 ")


@pytest.mark.slow
def test_it_is_logged_chooses_the_weights_and_stands_in_card_and_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = ["training.metrics=[wrong-lines, bleu]", "training.max_updates=300", "training.validate_every=100"]
    recipe = sample_recipe([*changes, "preparation.test={same: [{path: valid.tsv}]}"])
    prepare(recipe, corpora=RECIPE.parent, output=tmp_path / "prepared")
    train(recipe, name="s", directory=tmp_path, resume=False, device="cpu")

    log = [json.loads(line) for line in (tmp_path / "training" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    validations = [entry for entry in log if entry["kind"] == "validation"]
    values = [entry["wrong-lines"] for entry in validations]
    assert len(set(values)) > 1
    assert all(0.0 < value <= 100.0 for value in values)
    chosen = min(range(3), key=lambda index: (values[index], validations[index]["perplexity"]))
    assert [entry["update"] for entry in validations if entry["best"]][-1] == validations[chosen]["update"]
    assert f"wrong lines {values[chosen]:.2f}  BLEU {validations[chosen]['bleu']:.2f}  perplexity" in capsys.readouterr().err

    scores = [(score.metric, score.test_set, score.value) for score in read_info(tmp_path).scores]
    best = (values[chosen], round(validations[chosen]["bleu"], 2))
    assert scores == [
        (name, text, value)
        for text in ("validation text, first 40 sentences", "same")
        for name, value in zip(("wrong lines", "BLEU"), best, strict=True)
    ]
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert f"| same | wrong lines | {best[0]:.2f} | 5 |" in card
    assert "- wrong lines: `exact:yes`" in card
    page = (tmp_path / "training" / "report.html").read_text(encoding="utf-8")
    assert 'data-chart="wrong lines"' in page
    assert "signature of wrong lines" in page
