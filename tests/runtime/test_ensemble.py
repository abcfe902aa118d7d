"""An ensemble against the mean of its members' probabilities."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from support.searching import search
from support.table_scorer import MeanScorer, TableScorer, batch, log_probability
from support.untrained import SENTENCES, write_small_model

from nmt.config.search import SearchOptions
from nmt.config.vocabulary import BEGIN_ID
from nmt.errors import InputError
from nmt.runtime.ensemble import EnsembleScorer
from nmt.translate.translator import Translator

SOURCES = [[4, 5, 4], [5], [4, 4, 4, 4]]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_an_ensemble_searches_the_mean_probability(beam_size: int) -> None:
    members = [TableScorer(seed=seed, vocabulary_size=9) for seed in (3, 4, 5)]
    options = SearchOptions(beam_size=beam_size, n_best=beam_size, max_length_ratio=1.0, max_length_offset=3)
    mean = MeanScorer(members)
    expected = search(mean, *batch(SOURCES), options)
    for source, ours, truth in zip(
        SOURCES, search(EnsembleScorer(members), *batch(SOURCES), options), expected, strict=True
    ):
        assert [c.tokens for c in ours] == [c.tokens for c in truth]
        for c in ours:
            assert c.log_probability == pytest.approx(log_probability(mean, source, tuple(c.tokens)), abs=1e-4)
            assert c.attention is not None
            for position, row in enumerate(torch.from_numpy(c.attention)):
                expected_row = mean.attention(tuple(source), (BEGIN_ID, *c.tokens[:position]))
                torch.testing.assert_close(row, expected_row)


def test_members_must_fit() -> None:
    with pytest.raises(InputError, match=r"\[6, 9\]"):
        EnsembleScorer([TableScorer(seed=1), TableScorer(seed=1, vocabulary_size=9)])
    with pytest.raises(InputError, match="at least one"):
        EnsembleScorer([])


def test_directories_make_an_ensemble(tmp_path: Path) -> None:
    first, second = write_small_model(tmp_path / "first", seed=1), write_small_model(tmp_path / "second", seed=2)
    ensemble = Translator.load(first, second, device="cpu")
    alone = [Translator.load(folder, device="cpu") for folder in (first, second)]
    assert ensemble.name == "first+second"
    pairs = [(SENTENCES[0], SENTENCES[3]), (SENTENCES[1], SENTENCES[2])]
    for ours, one, other in zip(ensemble.score(pairs), alone[0].score(pairs), alone[1].score(pairs), strict=True):
        assert one != other
        # No token's mean probability is below half of either.
        assert max(one, other) - math.log(2) * 60 <= ours < max(one, other) + math.log(2) * 60
    options = SearchOptions(beam_size=3, n_best=3, max_length_ratio=1.0, max_length_offset=2)
    (sentence,) = ensemble.translate_sentences([SENTENCES[0]], options)
    assert all(hypothesis.log_probability < 0.0 for hypothesis in sentence.hypotheses)
    # A model twice is the model once.
    twice = Translator.load(first, first, device="cpu")
    assert twice.score(pairs) == pytest.approx(alone[0].score(pairs), abs=1e-4)
    for ours, truth in zip(twice.translate(SENTENCES, options), alone[0].translate(SENTENCES, options), strict=True):
        assert ours.texts == truth.texts


def test_models_that_do_not_fit_are_named(tmp_path: Path) -> None:
    first = write_small_model(tmp_path / "first", seed=1)
    other = write_small_model(tmp_path / "other", seed=1, sentences=(*SENTENCES, "zzz zzz qqq qqq zzz"))
    french = write_small_model(tmp_path / "french", seed=1, target="fr")
    with pytest.raises(InputError, match=r"first and .*other cannot.*vocabularies"):
        Translator.load(first, other, device="cpu")
    with pytest.raises(InputError, match=r"first and .*french cannot.*de to en.*de to fr"):
        Translator.load(first, french, device="cpu")
    with pytest.raises(InputError, match="at least one"):
        Translator.load()
