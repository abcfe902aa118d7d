"""Tests and ranks against sums by hand and against every possible resample."""

from __future__ import annotations

import itertools
import json
import math
import signal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation.agreement import share_of_people
from nmt.evaluation.comparison import System, compare
from nmt.evaluation.metrics import METRICS, TestSet
from nmt.evaluation.parallel import in_parallel
from nmt.evaluation.records import report
from nmt.evaluation.resampling import Floats, Resampling, bootstrap, holm, interval, randomisation_p_value, ranks

REFERENCES = ["The cat is sitting on the mat.", "It is raining, isn't it?", "Yesterday he bought three red apples."] * 5
GOOD = ["The cat is sitting on a mat.", "It is raining, isn't it?", "Yesterday he bought three red pears."] * 5
BAD = ["The cat sits on a mat.", "It rains, doesn't it?", "He bought three apples yesterday."] * 5


def mean(sums: Floats) -> Floats:
    """The mean of the first number, where the second counts segments."""
    means: Floats = sums[:, 0] / sums[:, 1]
    return means


def counted(values: list[float]) -> Floats:
    return np.array([[value, 1.0] for value in values])


def test_approximate_randomisation_is_the_share_of_all_swaps() -> None:
    """Of 6 segments there are 64 ways to swap; many trials find the share of those with a larger difference."""
    one, other = [0.0, 1.0, 3.0, 1.0, 5.0, 2.0], [1.0, 2.5, 2.0, 4.0, 6.5, 2.0]
    difference = float(np.mean(other) - np.mean(one))
    larger = 0
    for swaps in itertools.product([False, True], repeat=6):
        pairs = [(b, a) if swap else (a, b) for a, b, swap in zip(one, other, swaps, strict=True)]
        larger += abs(sum(b - a for a, b in pairs) / 6) > abs(difference) + 1e-9
    found = randomisation_p_value(counted(other), counted(one), mean, difference, samples=20_000, seed=1)
    assert found == pytest.approx(larger / 64, abs=0.02)
    assert 0.05 < found < 0.6


def test_a_bootstrap_has_the_deviation_of_the_mean() -> None:
    values = [float(value) for value in np.random.default_rng(3).normal(10.0, 2.0, size=400)]
    scores = bootstrap(counted(values), mean, samples=4000, seed=5)
    assert scores.std() == pytest.approx(np.std(values) / math.sqrt(400), rel=0.05)
    for paired in (False, True):
        found = interval(scores, paired=paired)
        assert found.mean == pytest.approx(np.mean(values), abs=0.02)
        assert found.half_width == pytest.approx(1.96 * np.std(values) / math.sqrt(400), rel=0.06)


def test_many_segments_are_drawn_in_parts_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = counted([float(value) for value in range(50)])
    arguments = (values, values[::-1].copy(), mean, 0.5)
    whole = bootstrap(values, mean, samples=100, seed=5), randomisation_p_value(*arguments, samples=100, seed=5)
    monkeypatch.setattr("nmt.evaluation.resampling._CELLS", 500)
    assert np.array_equal(bootstrap(values, mean, samples=100, seed=5), whole[0])
    assert randomisation_p_value(*arguments, samples=100, seed=5) == whole[1]


def test_holm_by_hand() -> None:
    # 4 * 0.005, 3 * 0.01, 2 * 0.03, and 0.04 raised to the 0.06 before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
def test_holm_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    found = holm(p_values)
    assert all(before <= after <= 1.0 for before, after in zip(p_values, found, strict=True))
    for one, other in itertools.combinations(range(len(p_values)), 2):
        if p_values[one] < p_values[other]:
            assert found[one] <= found[other]


def test_ranks_and_clusters_by_hand() -> None:
    """a > b = c > d, where c does not differ from d: b beats d, so d is third or fourth, but there is no gap below b."""
    differ = {(0, 1), (0, 2), (0, 3), (1, 3)}
    found = ranks(
        [9.0, 7.0, 6.0, 5.0], lambda one, other: (min(one, other), max(one, other)) in differ, higher_is_better=True
    )
    assert [(rank.first, rank.last, rank.cluster) for rank in found] == [(1, 1, 1), (2, 3, 2), (2, 4, 2), (3, 4, 2)]
    # The other way round where less is better, with all of them parted.
    found = ranks([9.0, 7.0, 6.0, 5.0], lambda *_: True, higher_is_better=False)
    assert [(rank.first, rank.cluster) for rank in found] == [(4, 4), (3, 3), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("metric", "difference", "share"),
    # By the authors' own program, mt-thresholds 1.0.4.
    [("BLEU", 0.59, 56.4276), ("BLEU", -1.97, 76.8783), ("chrF2", 0.4386, 57.6419), ("COMET", 1.0, 90.8916)],
)
def test_people_agree_as_they_did(metric: str, difference: float, share: float) -> None:
    assert share_of_people(metric, difference) == pytest.approx(share, abs=1e-3)
    assert share_of_people(metric, -difference) == share_of_people(metric, difference)
    assert share_of_people(metric, 0.0) == 50.0
    assert share_of_people("TER", difference) is None


@pytest.mark.parametrize("test", ["bs", "ar"])
def test_a_system_is_told_from_a_worse_one_and_not_from_itself(test: str) -> None:
    systems = [System("good", (GOOD,)), System("the same", (GOOD,)), System("bad", (BAD,))]
    metrics = [kind(TestSet(references=(REFERENCES,))) for kind in METRICS.values()]
    found = compare(systems, metrics, resampling=Resampling(test=test, samples=200))  # type: ignore[arg-type]
    for result in found.results:
        good, same, bad = result.estimates
        assert good.p_value is good.difference is good.people is None
        assert same.difference == 0.0
        assert same.p_value is not None
        assert (same.p_value, same.corrected) == (1 / 201, 1.0)  # sacreBLEU counts differences larger than none, of none
        assert bad.corrected is not None
        assert bad.corrected < 0.05
        assert good.rank is not None
        assert bad.rank is not None
        assert (bad.rank.first, bad.rank.cluster) == (3, good.rank.cluster + 1)


def test_runs_of_one_system_are_their_mean_and_deviation() -> None:
    metric = METRICS["chrf"](TestSet(references=(REFERENCES,)))
    runs = (GOOD, BAD, REFERENCES)
    scores = [metric.score(run).value for run in runs]
    found = compare([System("runs", runs)], [metric], intervals=Resampling(test="bs", samples=300))
    [estimate] = found.results[0].estimates
    assert estimate.score == pytest.approx(np.mean(scores))
    assert estimate.deviation == pytest.approx(np.std(scores, ddof=1))
    assert estimate.interval is not None
    assert estimate.interval.mean == pytest.approx(estimate.score, abs=1.0)
    alone = compare([System("run", (GOOD,))], [metric], intervals=Resampling(test="bs", samples=300)).results[0].estimates[0]
    thrice = compare([System("run", (GOOD,) * 3)], [metric], intervals=Resampling(test="bs", samples=300)).results[0]
    assert alone.interval is not None
    assert thrice.estimates[0].interval is not None
    assert thrice.estimates[0].interval.half_width == pytest.approx(alone.interval.half_width)
    assert thrice.estimates[0].deviation == pytest.approx(0.0, abs=1e-12)


def test_a_report_is_json_and_says_all() -> None:
    systems = [System("a", (GOOD,)), System("b", (BAD,)), System("c", (REFERENCES,))]
    metric = METRICS["bleu"](TestSet(references=(REFERENCES,)))
    found = json.loads(json.dumps(report(compare(systems, [metric], resampling=Resampling(test="bs", samples=200)))))
    assert (found["systems"], found["segments"], found["test"]) == (["a", "b", "c"], 15, {"seed": 12345, "bs": 200})
    assert [row["system"] for row in found["scores"]] == ["a", "b", "c"]
    keys = {
        "metric",
        "score",
        "mean",
        "ci",
        "difference",
        "p_value",
        "p_holm",
        "people_agree",
        "rank",
        "cluster",
        "signature",
    }
    assert keys < set(found["scores"][1])
    assert [row["rank"] for row in found["scores"]] == ["2", "3", "1"]


def test_processes_keep_the_order_and_pass_errors_on() -> None:
    assert in_parallel(lambda number: number * number, range(20), jobs=3) == [number * number for number in range(20)]
    assert in_parallel(abs, [-1], jobs=0) == [1]
    assert in_parallel(abs, [], jobs=2) == []
    with pytest.raises(ZeroDivisionError):
        in_parallel(lambda number: 1 // number, [1, 0], jobs=2)


def test_its_processes_have_not_the_handlers_of_the_program(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # raises KeyboardInterrupt
    try:
        handlers = in_parallel(lambda _: signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, range(8), jobs=4)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert handlers == [True] * 8
    assert capfd.readouterr().err == ""
